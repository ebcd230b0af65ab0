import type { Tail, Tails } from './links.ts'
import type { Streams } from '../operations/streams.ts'
import type { Storage } from '../storage/storage.ts'

/** So many streams are looked at before the event loop turns. */
const CHUNK = 64

/** Watches streams, and knows where they end. */
export interface TailWatch {
  /** Watches these streams and no others. */
  follow(streams: readonly { path: string }[]): void
  /** Whether it watches a stream. */
  has(path: string): boolean
  /** Has a stream looked at again, watched or not. */
  look(path: string): void
  /** Whether a stream is to be looked at again. */
  readonly stale: boolean
  /** Where the streams end now that are watched or were to be looked at; the map goes on changing. */
  fresh(): Promise<Tails>
  /** Forgets those of these streams that were only looked at. */
  forget(paths: Iterable<string>): void
  close(): void
}

export interface TailWatchOptions {
  storage: Pick<Storage, 'watch'>
  streams: Pick<Streams, 'find'>
  pause: () => Promise<void>
  /** Is called when a stream changed. */
  onChange: () => void
}

export function createTailWatch(options: TailWatchOptions): TailWatch {
  const { storage, streams, pause, onChange } = options
  const watched = new Map<string, () => void>()
  const tails = new Map<string, Tail | null>()
  const stale = new Set<string>()
  let reading: Promise<void> | undefined

  return {
    follow(streams) {
      const isSame =
        streams.length === watched.size && streams.every(({ path }) => watched.has(path))
      if (isSame) return
      const wanted = new Set(streams.map(({ path }) => path))
      for (const [path, unwatch] of watched) if (!wanted.has(path)) drop(path, unwatch)
      for (const path of wanted) if (!watched.has(path)) watch(path)
    },
    has: (path) => watched.has(path),
    look(path) {
      stale.add(path)
    },
    get stale() {
      return stale.size > 0
    },
    async fresh() {
      while (reading || stale.size > 0) {
        reading ??= readSome().finally(() => (reading = undefined))
        await reading
      }
      return tails
    },
    forget(paths) {
      for (const path of paths) if (!watched.has(path)) tails.delete(path)
    },
    close() {
      for (const [path, unwatch] of watched) drop(path, unwatch)
    },
  }

  function watch(path: string): void {
    stale.add(path)
    const unwatch = storage.watch(path, () => {
      stale.add(path)
      onChange()
    })
    watched.set(path, unwatch)
  }

  function drop(path: string, unwatch: () => void): void {
    unwatch()
    watched.delete(path)
    tails.delete(path)
    stale.delete(path)
  }

  async function readSome(): Promise<void> {
    const paths = [...stale].slice(0, CHUNK)
    // What changes while it is being read is stale again.
    for (const path of paths) stale.delete(path)
    try {
      await Promise.all(paths.map(async (path) => tails.set(path, await tailOf(streams, path))))
    } catch (error) {
      for (const path of paths) stale.add(path)
      throw error
    }
    if (paths.length === CHUNK) await pause()
  }
}

/** Where a stream ends now; null where there is none. */
export async function tailOf(streams: Pick<Streams, 'find'>, path: string): Promise<Tail | null> {
  const record = await streams.find(path)
  if (!record) return null
  return { streamId: record.id, position: record.tail }
}
