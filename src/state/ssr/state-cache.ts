import { StreamError } from '../../core/errors.ts'
import { type CacheLimits, createEntries, type Entries } from './entries.ts'
import { createSharedLoads, type SharedLoads } from './shared-loads.ts'

/** What a cache holds. Who may see it, and what they sent to prove it, is not told. */
export interface SsrStateCacheStats {
  /** How many states are kept. One path may have several: of several users, or reducers. */
  size: number
  /** Of which streams, those first that were not used for longest. */
  paths: string[]
  /** About how much memory they take, in bytes. */
  bytes: number
  /** Loads that read new events only. */
  hits: number
  /** Loads that read from the beginning. */
  misses: number
  /** How many states had to make room for others. */
  evictions: number
}

/** States that were loaded, for the next load to go on from: the least recently used go first. */
export interface SsrStateCache {
  stats: () => SsrStateCacheStats
  /** Forgets everything; also what is being loaded now will not be kept. */
  clear: () => void
  /** Forgets all states of a stream. @returns whether there were any. */
  delete: (path: string) => boolean
}

/** A cache, as seen by what loads. Every cache is one. */
export interface StateCache extends SsrStateCache {
  entries: Entries
  loads: SharedLoads
  /** Changes whenever somebody wants something forgotten. */
  epoch: () => number
  /** To be told of each load. */
  count: (what: 'hits' | 'misses') => void
}

/**
 * A cache of its own, such as for one tenant, or with other limits. A state that is bigger than `maxBytes`
 * is loaded as any other, and not kept.
 *
 * @throws {StreamError} `invalid` for limits that are no numbers above zero.
 */
export function createSsrStateCache(limits: CacheLimits = {}): SsrStateCache {
  for (const [name, limit] of Object.entries(limits)) {
    if (limit !== undefined && !(limit > 0)) {
      throw new StreamError('invalid', `${name} is ${limit}: give a number above zero, or Infinity`)
    }
  }
  const entries = createEntries(limits)
  const loads = createSharedLoads()
  const counts = { hits: 0, misses: 0 }
  let epoch = 0

  function forgetLoads(): void {
    epoch++
    loads.clear()
  }

  const cache: StateCache = {
    entries,
    loads,
    epoch: () => epoch,
    count: (what) => void counts[what]++,
    stats() {
      const list = entries.list()
      const paths = [...new Set(list.map(({ path }) => path))]
      const { bytes, evictions } = entries
      return { size: list.length, paths, bytes, ...counts, evictions }
    },
    clear() {
      forgetLoads()
      entries.clear()
    },
    delete(path) {
      forgetLoads()
      return entries.deletePath(path)
    },
  }
  return cache
}

/** The cache of all loads that name none. */
export const ssrStateCache: SsrStateCache = /* @__PURE__ */ createSsrStateCache()
