const MIN_CHUNK_BYTES = 1024
const MAX_CHUNK_BYTES = 1024 * 1024

interface Chunk {
  /** Position of the chunk's first byte in the log. */
  start: number
  bytes: Uint8Array
  /** How many of `bytes` are written; the rest is room for what comes. */
  used: number
}

/** An append-only sequence of bytes. Written bytes never change, so readers share them. */
export interface ByteLog {
  append(data: Uint8Array): void
  /** Views, not copies, of at most `maxBytes` bytes from `start` on. */
  read(start: number, maxBytes: number): Uint8Array[]
}

/**
 * A byte log that costs little more memory than its bytes: small appends share chunks that grow with
 * the log, up to 1 MiB each.
 */
export function createByteLog(): ByteLog {
  const chunks: Chunk[] = []
  let tail = 0

  return {
    append(data) {
      let chunk = chunks.at(-1)
      if (!chunk || chunk.used + data.length > chunk.bytes.length) {
        chunk = { start: tail, bytes: room(data.length), used: 0 }
        chunks.push(chunk)
      }
      chunk.bytes.set(data, chunk.used)
      chunk.used += data.length
      tail += data.length
    },

    read(start, maxBytes) {
      const end = Math.min(tail, start + maxBytes)
      const views: Uint8Array[] = []
      for (let i = indexOf(start); i < chunks.length && chunks[i]!.start < end; i++) {
        const { start: from, bytes, used } = chunks[i]!
        const view = bytes.subarray(Math.max(0, start - from), Math.min(used, end - from))
        if (view.length > 0) views.push(view)
      }
      return views
    },
  }

  function room(atLeast: number): Uint8Array {
    const growth = Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, tail))
    return new Uint8Array(Math.max(atLeast, growth))
  }

  /** Index of the chunk that holds position `start`, by halving. */
  function indexOf(start: number): number {
    let low = 0
    let high = chunks.length
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if (chunks[middle]!.start <= start) low = middle
      else high = middle
    }
    return low
  }
}
