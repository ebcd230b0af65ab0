import { framingOf, type Framing } from './content-type.ts'
import { decideUse, unexpired } from './expiry.ts'
import { byteLength, firstBytes, wholeLength } from './page.ts'
import type { Slice, Storage, StreamRecord } from '../storage/storage.ts'

const LF = 0x0a

/** Some bytes of a stream, cut where a reader can use them. */
export interface Page {
  record: StreamRecord
  start: number
  /** Position after the last byte of the page. */
  next: number
  bytes: readonly Uint8Array[]
  /** The page reaches the tail. */
  upToDate: boolean
  /** The page reaches the tail of a closed stream: nothing will ever follow. */
  closed: boolean
}

export type ReadOutcome =
  | { kind: 'page'; page: Page }
  | { kind: 'not-found' }
  /** The position lies within a message. */
  | { kind: 'between-messages'; position: number }
  /** The position lies past everything stored: this server has lost, or never had, that data. */
  | { kind: 'past-tail'; position: number; tail: number }

/**
 * Reads about `maxBytes` from position `start` (`now`: from the tail), always at least one whole
 * message. Protocol section 5.
 *
 * @param now milliseconds since 1970
 */
export async function readPage(
  storage: Storage,
  path: string,
  start: number | 'now',
  maxBytes: number,
  now: number,
): Promise<ReadOutcome> {
  if (start === 'now') {
    const record = await findStream(storage, path, now)
    return record ? { kind: 'page', page: pageAt(record, record.tail, []) } : { kind: 'not-found' }
  }

  // The byte before `start` tells whether a message of a JSON stream ends there.
  const before = start > 0 ? 1 : 0
  for (let room = maxBytes; ; room *= 2) {
    const slice = await storage.read(path, start - before, room + before)
    const record = await aliveAt(storage, path, slice?.record, now)
    if (!slice || !record) return { kind: 'not-found' }
    if (start > record.tail) return { kind: 'past-tail', position: start, tail: record.tail }

    const framing = framingOf(record.contentType)
    if (before && framing === 'json' && slice.bytes[0]?.[0] !== LF) {
      return { kind: 'between-messages', position: start }
    }
    const bytes = wholePage(slice, start, before, framing)
    if (bytes) return { kind: 'page', page: pageAt(record, start, bytes) }
  }
}

/** The stream at `path`, unless it has expired by `now`. */
export async function findStream(
  storage: Storage,
  path: string,
  now: number,
): Promise<StreamRecord | undefined> {
  const slice = await storage.read(path, 0, 0)
  return aliveAt(storage, path, slice?.record, now)
}

/** Tells the storage of an access, where that matters: to streams that expire. */
export async function markUsed(
  storage: Storage,
  path: string,
  record: StreamRecord,
  now: number,
): Promise<void> {
  if (record.expiry.kind !== 'never') {
    await storage.update(path, (stored) => decideUse(stored, now))
  }
}

/** Removes what is found to have expired: nobody else would. */
async function aliveAt(
  storage: Storage,
  path: string,
  record: StreamRecord | undefined,
  now: number,
): Promise<StreamRecord | undefined> {
  if (!record || unexpired(record, now)) return record
  await storage.update(path, (stored) => decideUse(stored, now))
  return undefined
}

/** The bytes of the slice that make a page, or undefined if more are needed for one message. */
function wholePage(
  { record, bytes }: Slice,
  start: number,
  before: number,
  framing: Framing,
): readonly Uint8Array[] | undefined {
  const wanted = before ? skipFirst(bytes) : bytes
  const length = byteLength(wanted)
  if (start + length >= record.tail) return wanted
  const whole = wholeLength(wanted, framing)
  if (whole === 0) return undefined
  return whole === length ? wanted : firstBytes(wanted, whole)
}

function skipFirst(bytes: readonly Uint8Array[]): Uint8Array[] {
  const [first, ...rest] = bytes
  return first && first.length > 1 ? [first.subarray(1), ...rest] : rest
}

function pageAt(record: StreamRecord, start: number, bytes: readonly Uint8Array[]): Page {
  const next = start + byteLength(bytes)
  const upToDate = next === record.tail
  return { record, start, next, bytes, upToDate, closed: upToDate && record.closed }
}
