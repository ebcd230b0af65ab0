import type { StreamError } from './errors.ts'

/**
 * Where a reader of a stream is in its life.
 *
 *   idle ──▶ connecting ──▶ catching-up ──▶ live ──▶ closed
 *                ▲  └───────────┴─────┬──────┘
 *                └──── offline ◀──────┘ (any of them may end in `error`)
 */
export type StreamStatus =
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'catching-up' }
  | { kind: 'live' }
  /** The connection is gone; the next try is at `retryAt` (milliseconds since 1970). */
  | { kind: 'offline'; retryAt: number; cause: StreamError }
  /** The stream was closed: everything has been read, nothing will follow. */
  | { kind: 'closed' }
  | { kind: 'error'; error: StreamError }
