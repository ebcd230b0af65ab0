/** Paths in the order of their UTF-16 code units. */
export interface SortedPaths {
  add(path: string): void
  remove(path: string): void
  /** Up to `limit` paths that come after `after`. */
  after(after: string, limit: number): string[]
}

/** A chunk that gets longer is cut in two: so few are moved to make room for one. */
const MAX_CHUNK = 1024

/** Keeps any number of paths sorted, at the cost of moving a few hundred at each change. */
export function createSortedPaths(): SortedPaths {
  const chunks: string[][] = []

  return {
    add(path) {
      const at = chunkOf(path)
      const chunk = chunks[at]
      if (!chunk) return void chunks.push([path])
      const index = firstFrom(chunk, path)
      if (chunk[index] === path) return
      chunk.splice(index, 0, path)
      if (chunk.length > MAX_CHUNK) chunks.splice(at + 1, 0, chunk.splice(MAX_CHUNK / 2))
    },

    remove(path) {
      const at = chunkOf(path)
      const chunk = chunks[at]
      const index = chunk ? firstFrom(chunk, path) : -1
      if (!chunk || chunk[index] !== path) return
      chunk.splice(index, 1)
      if (chunk.length === 0) chunks.splice(at, 1)
    },

    after(after, limit) {
      const found: string[] = []
      for (let at = chunkOf(after); at < chunks.length && found.length < limit; at++) {
        const chunk = chunks[at]!
        const from = chunk[0]! > after ? 0 : firstFrom(chunk, after)
        const start = chunk[from] === after ? from + 1 : from
        found.push(...chunk.slice(start, start + limit - found.length))
      }
      return found
    },
  }

  /** Index of the last chunk that begins at or before `path`, or of the first. */
  function chunkOf(path: string): number {
    let low = 0
    let high = chunks.length
    while (low + 1 < high) {
      const middle = (low + high) >> 1
      if (chunks[middle]![0]! <= path) low = middle
      else high = middle
    }
    return low
  }
}

/** Index of the first of these sorted texts that is not before `text`, by halving. */
function firstFrom(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < text) low = middle + 1
    else high = middle
  }
  return low
}
