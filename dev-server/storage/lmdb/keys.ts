import { textKey, type TextKey } from './text-key.ts'

/*
 * One ordered map holds everything. All of a stream lies together, so that an append touches one
 * leaf of the tree:
 *
 *   0                          what the store is (version, chunk size)
 *   1 path                     id of the stream at that path, 6 bytes; the path, if cut in the key
 *   2 id 0 position            bytes from that position on
 *   2 id 1                     its record
 *   2 id 2 producer            state of a producer (3 if its id is cut in the key)
 *   3 id                       a stream that is gone, and whose bytes are still to be removed
 *   4                          the next id
 */
const ID_BYTES = 6
const PATH = 1
const STREAM = 2
const GONE = 3

const DATA = 0
const RECORD = 1
const PRODUCER = 2
const CUT_PRODUCER = 3

export const ABOUT_KEY: Buffer = Buffer.from([0])
export const NEXT_ID_KEY: Buffer = Buffer.from([4])
export const PATHS_START: Buffer = Buffer.from([PATH])
export const PATHS_END: Buffer = Buffer.from([PATH + 1])
export const GONE_START: Buffer = Buffer.from([GONE])
export const GONE_END: Buffer = Buffer.from([GONE + 1])

export function pathKey(path: TextKey): Buffer {
  return Buffer.concat([PATHS_START, path.bytes])
}

export function dataKey(id: number, position: number): Buffer {
  const key = streamKey(id, DATA, 8)
  key.writeUInt32BE(Math.floor(position / 2 ** 32), ID_BYTES + 2)
  key.writeUInt32BE(position % 2 ** 32, ID_BYTES + 6)
  return key
}

/** The position that a {@link dataKey} names. */
export function positionOf(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  return view.getUint32(ID_BYTES + 2) * 2 ** 32 + view.getUint32(ID_BYTES + 6)
}

export function recordKey(id: number): Buffer {
  return streamKey(id, RECORD, 0)
}

export function producerKey(id: number, producer: string): Buffer {
  const { bytes, whole } = textKey(producer)
  const key = streamKey(id, whole ? PRODUCER : CUT_PRODUCER, bytes.length)
  key.set(bytes, ID_BYTES + 2)
  return key
}

/** Where the keys of all that belongs to the stream begin and end. */
export function streamRange(id: number): { start: Buffer; end: Buffer } {
  return { start: streamKey(id, DATA, 0), end: streamKey(id, CUT_PRODUCER + 1, 0) }
}

export function goneKey(id: number): Buffer {
  return Buffer.concat([GONE_START, idBytes(id)])
}

/** The id in a {@link goneKey}. */
export function goneId(key: Uint8Array): number {
  return readId(key, 1)
}

export function idBytes(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(ID_BYTES)
  bytes.writeUIntBE(id, 0, ID_BYTES)
  return bytes
}

/** The id at the start of these bytes, or at `offset`. */
export function readId(bytes: Uint8Array, offset = 0): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset).readUIntBE(offset, ID_BYTES)
}

/** What follows the id in the value of a path. */
export function afterId(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(ID_BYTES)
}

function streamKey(id: number, kind: number, more: number): Buffer {
  const key = Buffer.allocUnsafe(ID_BYTES + 2 + more)
  key[0] = STREAM
  key.writeUIntBE(id, 1, ID_BYTES)
  key[ID_BYTES + 1] = kind
  return key
}
