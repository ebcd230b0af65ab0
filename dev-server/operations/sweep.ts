import { isExpired } from './expiry.ts'
import { REGISTRY_PATH, countsOf, isSystemPath } from './registry.ts'
import type { Storage } from '../storage/storage.ts'

const PAGE_STREAMS = 256

export interface SweepOptions {
  storage: Storage
  /** Milliseconds since 1970. */
  now: () => number
  /** Removes a stream if its time is over; resolves to how many went. */
  expire: (path: string) => Promise<number>
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
}

/**
 * Goes through all streams once, a page at a time, and removes those whose time is over; not even
 * looking if none ever ends. Protocol section 1.
 *
 * @returns how many streams ended.
 */
export async function sweepExpired(
  { storage, now, expire, pause }: SweepOptions,
  signal: AbortSignal | undefined,
): Promise<number> {
  const registry = await storage.read(REGISTRY_PATH, 0, 0)
  if (countsOf(registry?.record).expiring === 0) return 0
  let swept = 0
  for (let after = ''; !signal?.aborted; await pause()) {
    const page = await storage.list(after, PAGE_STREAMS)
    const at = now()
    const over = page.filter(
      ({ path, record }) => !record.softDeleted && isExpired(record, at) && !isSystemPath(path),
    )
    // Together, so that a durable storage commits them as one.
    const ended = await Promise.all(over.map(({ path }) => expire(path)))
    swept += ended.reduce((total, count) => total + count, 0)
    const last = page.at(-1)
    if (!last || page.length < PAGE_STREAMS) break
    after = last.path
  }
  return swept
}
