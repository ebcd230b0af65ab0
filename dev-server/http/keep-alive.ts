import type { House } from './house.ts'
import type { StreamRecord } from '../storage/storage.ts'

const MIN_PERIOD_MS = 50
const MAX_PERIOD_MS = 60_000

const NOTHING = (): void => undefined

/**
 * Keeps a stream with a sliding expiry alive while a live reader is connected. Protocol section 1.
 *
 * @returns a function that lets go.
 */
export function keepAlive(house: House, path: string, record: StreamRecord): () => void {
  if (record.expiry.kind !== 'sliding') return NOTHING
  const periodMs = Math.max(MIN_PERIOD_MS, Math.min(MAX_PERIOD_MS, record.expiry.ttlSeconds * 400))
  const timer = setInterval(() => {
    house.streams.touch(path, record).catch(house.onError)
  }, periodMs)
  return () => clearInterval(timer)
}
