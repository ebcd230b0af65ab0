import { dataKey, goneKey, idBytes, NEXT_ID_KEY, pathKey, producerKey, recordKey } from './keys.ts'
import { readStream, recordBytes, type Store, type Stream } from './stream.ts'
import { storedPieces } from './stored-bytes.ts'
import { encodeText, textKey } from './text-key.ts'
import type { Batch, Entry } from './batch.ts'

/**
 * Appends share a value up to so many bytes: it lies within a page that is written anyway, and
 * four of them fit in one.
 */
const SHARED_BYTES = 1000

/** With more values than that in one chunk, they become one. */
const MAX_PIECES = 128

/** Hands a batch to LMDB, within a transaction. */
export function writeBatch(store: Store, { entries }: Batch, nextId: number): void {
  const { data } = store.environment
  let creates = false
  for (const entry of entries) {
    const { stream, slot } = entry
    const ended = entry.ended.filter(({ isWritten }) => isWritten)
    for (const { id } of ended) void data.put(goneKey(id), idBytes(id))
    if (stream) {
      creates ||= !stream.isWritten
      writeStream(store, entry, stream)
    } else if (ended.length > 0) {
      void data.remove(pathKey(textKey(slot.path)))
    }
  }
  if (creates) void data.put(NEXT_ID_KEY, idBytes(nextId))
}

function writeStream(store: Store, entry: Entry, stream: Stream): void {
  const { data } = store.environment
  if (!stream.isWritten) {
    const path = textKey(entry.slot.path)
    void data.put(pathKey(path), pathValue(stream.id, entry.slot.path, path.whole))
    stream.isWritten = true
  }
  writeBytes(store, stream, entry.end)
  void data.put(recordKey(stream.id), recordBytes(stream, entry.end, entry.record!))
  if (!entry.producers) return
  for (const [id, state] of entry.producers) {
    void data.put(producerKey(stream.id, id), Buffer.from(JSON.stringify(state)))
  }
}

/**
 * A full chunk is written as one value, in place of the small ones that it was so far: each byte is
 * written about twice, and read with 64 KiB of its neighbours.
 */
function writeBytes(store: Store, stream: Stream, end: number): void {
  while (stream.written < end) {
    const chunk = stream.tail.chunkOf(stream.written)
    const boundary = chunk + store.chunkBytes
    if (boundary <= end) {
      replacePieces(store, stream, chunk, boundary)
      stream.pieces = []
      stream.written = boundary
    } else {
      writePiece(store, stream, chunk, end)
      stream.written = end
    }
  }
}

function writePiece(store: Store, stream: Stream, chunk: number, end: number): void {
  const pieces = piecesOf(store, stream, chunk)
  const last = pieces.at(-1)
  const isShared = last !== undefined && last >= stream.tail.start && end - last <= SHARED_BYTES
  if (!isShared && pieces.length >= MAX_PIECES) {
    replacePieces(store, stream, chunk, end)
    stream.pieces = [chunk]
    return
  }
  const from = isShared ? last : stream.written
  if (!isShared) pieces.push(from)
  void store.environment.data.put(dataKey(stream.id, from), bytesOf(store, stream, from, end))
}

/** One value, from the start of the chunk on, for all that it was written in. */
function replacePieces(store: Store, stream: Stream, chunk: number, end: number): void {
  const { data } = store.environment
  void data.put(dataKey(stream.id, chunk), bytesOf(store, stream, chunk, end))
  for (const piece of piecesOf(store, stream, chunk)) {
    if (piece > chunk) void data.remove(dataKey(stream.id, piece))
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
