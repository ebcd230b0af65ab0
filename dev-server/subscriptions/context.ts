import type { Streams } from '../operations/streams.ts'
import type { Storage } from '../storage/storage.ts'
import type { Webhooks } from './delivery.ts'

/** Timers of the host; tests bring their own. */
export interface Timers {
  set(callback: () => void, delayMs: number): unknown
  clear(timer: unknown): void
}

export interface SubscriptionLimits {
  /** Most subscriptions there may be. */
  maxSubscriptions: number
  /** Most streams that one subscription is linked to. */
  maxLinks: number
}

/** What subscriptions work with. */
export interface SubscriptionOptions {
  storage: Storage
  streams: Streams
  /** Path under which streams live, without a slash at its end. */
  prefix: string
  /** Scheme and authority of this server in what workers get; default: as the maker reached it. */
  publicOrigin?: string | undefined
  /** Nothing on a host that cannot send webhooks. */
  webhooks: Webhooks | undefined
  limits: SubscriptionLimits
  /** Milliseconds since 1970. */
  now: () => number
  /** A number in [0, 1). */
  random: () => number
  /** Text that nobody can guess and that was never given before. */
  newId: () => string
  timers: Timers
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
  /** Is told of failures that no caller caused. */
  onError: (error: unknown) => void
}
