import { warnFreshReducers } from '../store/warnings.ts'
import type { Progress } from './progress.ts'

/** Says whose state an entry is. Both hold secrets: they are for comparing, not for showing. */
export interface CacheKey {
  /** All that a state depends on. */
  text: string
  /** The same but for functions, which may be made anew with each request. */
  kin: string
}

/** What a cache holds of one stream, for one way of reading it. */
export interface Entry {
  path: string
  kin: string
  progress: Progress<unknown>
  /** About how much memory it takes. */
  bytes: number
  /** How big the state was when it was measured, and how many characters had gone into it. */
  measured: { bytes: number; characters: number }
}

export interface CacheLimits {
  /** About how much memory all states may take together, in bytes. Default 64 MiB. */
  maxBytes?: number | undefined
  /** How many states are kept. Default 1,000. */
  maxEntries?: number | undefined
}

/** A reducer that is made anew with each request must not drive out all other streams. */
const MAX_KIN = 8

/** Entries, of which those go first that were not set for longest: each load sets its own. */
export interface Entries {
  readonly maxBytes: number
  /** The oldest first. */
  list: () => readonly Entry[]
  get: (key: CacheKey) => Entry | undefined
  set: (key: CacheKey, entry: Entry) => void
  delete: (key: CacheKey) => void
  deletePath: (path: string) => boolean
  clear: () => void
  readonly bytes: number
  /** How many had to make room. */
  readonly evictions: number
}

export function createEntries({
  maxBytes = 64 * 2 ** 20,
  maxEntries = 1_000,
}: CacheLimits): Entries {
  const entries = new Map<string, Entry>()
  let bytes = 0
  let evictions = 0

  function remove(name: string): boolean {
    bytes -= entries.get(name)?.bytes ?? 0
    return entries.delete(name)
  }

  function evict(isWanted: (entry: Entry) => boolean): void {
    for (const [name, entry] of entries) {
      if (!isWanted(entry)) continue
      evictions++
      return void remove(name)
    }
  }

  return {
    maxBytes,
    list: () => [...entries.values()],
    get: ({ text }) => entries.get(text),
    set({ text, kin }, entry) {
      remove(text)
      if (entry.bytes > maxBytes) return
      entries.set(text, entry)
      bytes += entry.bytes
      const isKin = (other: Entry): boolean => other.kin === kin
      if ([...entries.values()].filter(isKin).length > MAX_KIN) {
        warnFreshReducers(entry.path)
        evict(isKin)
      }
      while (bytes > maxBytes || entries.size > maxEntries) evict(() => true)
    },
    delete: ({ text }) => void remove(text),
    deletePath(path) {
      const names = [...entries].flatMap(([name, entry]) => (entry.path === path ? [name] : []))
      return names.map(remove).length > 0
    },
    clear() {
      entries.clear()
      bytes = 0
    },
    get bytes() {
      return bytes
    },
    get evictions() {
      return evictions
    },
  }
}
