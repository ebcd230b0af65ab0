import { beginScan, endScan, scanPart } from './json-scan.ts'

export { MESSAGE_END } from './json-scan.ts'

/** The messages of a posted JSON text, as a JSON stream stores them. */
export interface Messages {
  /** The raw text of each message, followed by `,\n`. */
  data: Uint8Array
  /** How many messages; 0 for an empty array. */
  count: number
}

/** Lets others have their turn; resolves when it is ours again. */
export type Pause = () => Promise<void>

/** The most that is read at once, in bytes: well under a millisecond's work. */
export const SLICE_BYTES: number = 64 * 1024

/** Where slices are written that nobody keeps. Used within one turn only, so requests can share it. */
const scratch = new Uint8Array(2 * SLICE_BYTES)

/**
 * Turns a posted JSON text into what a JSON stream stores: the raw text of each message, never
 * re-serialized, save that line breaks between tokens become spaces. An array is flattened by one
 * level. Protocol section 6.
 *
 * A body of at most `SLICE_BYTES` is read at once. A longer one is read in slices with a pause after
 * each; it must not change meanwhile. Beside `body` and `data`, memory does not grow with the body,
 * save for one bit for each level of brackets.
 *
 * @throws {StreamError} `bad-request` if the body is not JSON in UTF-8: at once, or by rejection if
 *   the body is long.
 */
export function readMessages(body: Uint8Array, pause: Pause): Messages | Promise<Messages> {
  return body.length <= SLICE_BYTES ? readAtOnce(body) : readInSlices(body, pause)
}

/** As `readMessages`, without a pause. */
export function encodeMessages(body: Uint8Array): Uint8Array {
  const scan = beginScan()
  const out = new Uint8Array(2 * body.length + 2)
  const written = scanPart(scan, body, out)
  return out.slice(0, written + endScan(scan, out.subarray(written)))
}

function readAtOnce(body: Uint8Array): Messages {
  const scan = beginScan()
  const written = scanPart(scan, body, scratch)
  const length = written + endScan(scan, scratch.subarray(written))
  return { data: scratch.slice(0, length), count: scan.count }
}

/** Reads twice: an array may need more room than it came in, and only its reading tells how much. */
async function readInSlices(body: Uint8Array, pause: Pause): Promise<Messages> {
  const { length } = await scanInSlices(body, pause, () => scratch)
  await pause()
  const data = new Uint8Array(length)
  const { count } = await scanInSlices(body, pause, (written) => data.subarray(written))
  return { data, count }
}

async function scanInSlices(
  body: Uint8Array,
  pause: Pause,
  roomAfter: (written: number) => Uint8Array,
): Promise<{ length: number; count: number }> {
  const scan = beginScan()
  let length = 0
  for (let from = 0; from < body.length; from += SLICE_BYTES) {
    if (from > 0) await pause()
    length += scanPart(scan, body.subarray(from, from + SLICE_BYTES), roomAfter(length))
  }
  length += endScan(scan, roomAfter(length))
  return { length, count: scan.count }
}
