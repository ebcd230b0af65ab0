import { dataKey, positionOf } from './keys.ts'
import type { Environment } from './environment.ts'

/**
 * Bytes of a stream as the last commit left them. They lie in chunks of `chunkBytes`, counted from
 * `base`; a full chunk is one value, the last one may be several that follow one another.
 */
export function readStored(
  { data }: Environment,
  id: number,
  { base, chunkBytes }: Layout,
  start: number,
  end: number,
): Uint8Array[] {
  const views: Uint8Array[] = []
  for (let at = start; at < end; ) {
    const chunk = base + Math.floor((at - base) / chunkBytes) * chunkBytes
    const stop = Math.min(end, chunk + chunkBytes)
    // Valid until the next call, hence the copy.
    const first = data.getBinaryFast(dataKey(id, chunk))
    if (first && chunk + first.length >= stop) {
      views.push(Uint8Array.prototype.slice.call(first, at - chunk, stop - chunk))
    } else {
      views.push(...readPieces(data, id, chunk, at, stop))
    }
    at = stop
  }
  return views
}

/** How the bytes of a stream are cut. */
export interface Layout {
  /** Position of its first own byte. */
  base: number
  chunkBytes: number
}

/** Where the values of an unfinished chunk start. */
export function storedPieces(
  { data }: Environment,
  id: number,
  chunk: number,
  end: number,
): number[] {
  const range = { start: dataKey(id, chunk), end: dataKey(id, end) }
  return [...data.getKeys(range)].map(positionOf)
}

function readPieces(
  data: Environment['data'],
  id: number,
  chunk: number,
  start: number,
  end: number,
): Uint8Array[] {
  const views: Uint8Array[] = []
  let at = start
  for (const { key, value } of data.getRange({
    start: dataKey(id, chunk),
    end: dataKey(id, end),
  })) {
    const from = positionOf(key)
    if (from + value.length <= at) continue
    if (from > at) break
    const view = value.subarray(at - from, Math.min(end, from + value.length) - from)
    views.push(view)
    at += view.length
  }
  if (at < end) throw new Error(`Bytes from ${at} on are missing in the store (stream ${id})`)
  return views
}
