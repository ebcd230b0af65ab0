import type { Authorize } from './authorize.ts'
import type { Cors } from './cors.ts'
import type { Hub } from './hub.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Reserved } from './reserved.ts'
import type { Streams } from '../operations/streams.ts'

/** How long answers may be kept: by shared caches, by the browser alone, or only when asked again. */
export type CacheControl = 'public' | 'private' | 'revalidate'

/** What every handler of a request works with. */
export interface House {
  streams: Streams
  hub: Hub
  /** The reserved API, where there is one. */
  reserved: Reserved | undefined
  authorize: Authorize | undefined
  rateLimit: RateLimit | undefined
  /** Path under which streams live, without a slash at its end. */
  prefix: string
  /** Scheme and authority by which the world reaches the server; default: as the caller does. */
  publicOrigin?: string
  cors: Cors
  cacheControl: CacheControl
  longPollTimeoutMs: number
  sseLifetimeMs: number
  maxBodyBytes: number
  maxMessagesPerAppend: number
  /** How many streams may be read live at once; one that is read twice counts twice. */
  maxLiveReaders: number
  /** How many streams one multiplexed read may ask for. */
  maxMultiplexedStreams: number
  /** Milliseconds since 1970. */
  now: () => number
  /** A number in [0, 1). */
  random: () => number
  /** A new identity of a stream, unlike any other. */
  newId: () => string
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
  /** Is told of errors that nobody expected. */
  onError: (error: unknown) => void
}
