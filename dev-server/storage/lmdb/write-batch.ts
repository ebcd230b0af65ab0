import { dataKey, goneKey, idBytes, NEXT_ID_KEY, pathKey, producerKey, recordKey } from './keys.ts'
import { readStream, recordBytes, type Store, type Stream } from './stream.ts'
import { storedPieces } from './stored-bytes.ts'
import { encodeText, textKey } from './text-key.ts'
import { noWrites, put, type Writes } from './writes.ts'
import type { Batch, Entry } from './batch.ts'

/**
 * Appends share a value up to so many bytes: it lies within a page that is written anyway, and
 * four of them fit in one.
 */
const SHARED_BYTES = 1000

/** With more values than that in one chunk, they become one. */
const MAX_PIECES = 128

/** What is to be written for a batch. */
export function writesOf(store: Store, { entries }: Batch, nextId: number): Writes {
  const writes = noWrites()
  let creates = false
  for (const entry of entries) {
    const { stream, slot } = entry
    const ended = entry.ended.filter(({ isWritten }) => isWritten)
    for (const { id } of ended) put(writes, goneKey(id), idBytes(id))
    if (stream) {
      creates ||= !stream.isWritten
      writeStream(store, writes, entry, stream)
    } else if (ended.length > 0) {
      writes.removes.push(pathKey(textKey(slot.path)))
    }
  }
  if (creates) put(writes, NEXT_ID_KEY, idBytes(nextId))
  return writes
}

function writeStream(store: Store, writes: Writes, entry: Entry, stream: Stream): void {
  writes.grows ||= !stream.isWritten || stream.written < entry.end
  if (!stream.isWritten) {
    const path = textKey(entry.slot.path)
    put(writes, pathKey(path), pathValue(stream.id, entry.slot.path, path.whole))
    stream.isWritten = true
  }
  writeBytes(store, writes, stream, entry.end)
  put(writes, recordKey(stream.id), recordBytes(stream, entry.end, entry.record!))
  if (!entry.producers) return
  for (const [id, state] of entry.producers) {
    put(writes, producerKey(stream.id, id), Buffer.from(JSON.stringify(state)))
  }
}

/**
 * A full chunk is written as one value, in place of the small ones that it was so far: each byte is
 * written about twice, and read with 64 KiB of its neighbours.
 */
function writeBytes(store: Store, writes: Writes, stream: Stream, end: number): void {
  while (stream.written < end) {
    const chunk = stream.tail.chunkOf(stream.written)
    const boundary = chunk + store.chunkBytes
    if (boundary <= end) {
      replacePieces(store, writes, stream, chunk, boundary)
      stream.pieces = []
      stream.written = boundary
    } else {
      writePiece(store, writes, stream, chunk, end)
      stream.written = end
    }
  }
}

function writePiece(
  store: Store,
  writes: Writes,
  stream: Stream,
  chunk: number,
  end: number,
): void {
  const pieces = piecesOf(store, stream, chunk)
  const last = pieces.at(-1)
  const isShared = last !== undefined && last >= stream.tail.start && end - last <= SHARED_BYTES
  if (!isShared && pieces.length >= MAX_PIECES) {
    replacePieces(store, writes, stream, chunk, end)
    stream.pieces = [chunk]
    return
  }
  const from = isShared ? last : stream.written
  if (!isShared) pieces.push(from)
  put(writes, dataKey(stream.id, from), bytesOf(store, stream, from, end))
}

/** One value, from the start of the chunk on, for all that it was written in. */
function replacePieces(
  store: Store,
  writes: Writes,
  stream: Stream,
  chunk: number,
  end: number,
): void {
  put(writes, dataKey(stream.id, chunk), bytesOf(store, stream, chunk, end))
  for (const piece of piecesOf(store, stream, chunk)) {
    if (piece > chunk) writes.removes.push(dataKey(stream.id, piece))
  }
}

function piecesOf(store: Store, stream: Stream, chunk: number): number[] {
  stream.pieces ??= storedPieces(store.environment, stream.id, chunk, stream.written)
  return stream.pieces
}

function bytesOf(store: Store, stream: Stream, from: number, to: number): Buffer {
  const views = readStream(store, stream, from, to)
  const [first] = views
  if (views.length !== 1 || !first) return Buffer.concat(views)
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength)
}

/** The path follows the id where the key holds but a part of it. */
function pathValue(id: number, path: string, isWhole: boolean): Buffer {
  return isWhole ? idBytes(id) : Buffer.concat([idBytes(id), encodeText(path)])
}
