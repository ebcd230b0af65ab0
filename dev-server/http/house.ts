import type { Cors } from './cors.ts'
import type { Hub } from './hub.ts'
import type { Storage } from '../storage/storage.ts'

/** How long answers may be kept: by shared caches, by the browser alone, or only when asked again. */
export type CacheControl = 'public' | 'private' | 'revalidate'

/** What every handler of a request works with. */
export interface House {
  storage: Storage
  hub: Hub
  /** Path under which streams live, without a slash at its end. */
  prefix: string
  cors: Cors
  cacheControl: CacheControl
  longPollTimeoutMs: number
  sseLifetimeMs: number
  maxBodyBytes: number
  /** Milliseconds since 1970. */
  now: () => number
  /** A number in [0, 1). */
  random: () => number
  /** Is told of errors that nobody expected. */
  onError: (error: unknown) => void
}
