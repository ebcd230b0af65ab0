import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import type { Reading } from './connect.ts'
import { delay } from './delay.ts'
import { asStreamError, StreamError } from './errors.ts'
import { BEGINNING } from './protocol.ts'
import type { LiveMode } from './read-state.ts'
import { disconnected } from './response-error.ts'
import { hasTries } from './retry.ts'
import type { StreamStatus } from './status.ts'

/** Restarts in a row, without one batch between them, before the server counts as broken. */
const MAX_RESETS = 3

type Extras = Pick<Reading, 'headers' | 'params'>

export interface RecoveryOptions {
  backoff: BackoffPolicy
  /** Once answered, a live read never gives up. */
  live: LiveMode
  signal: AbortSignal
  onStatus: (status: StreamStatus) => void
  /** Changes what the next requests carry, or lets the error end the reading. */
  onError?: ((error: StreamError) => void | Extras | Promise<void | Extras>) | undefined
  /** What was read is void. Gives where to start over; by default at the beginning. */
  onReset?: ((error: StreamError) => void | string | Promise<void | string>) | undefined
  /** Takes what `onError` gave. */
  extend: (extras: Extras) => void
}

export interface Recovery {
  answered(): void
  /** Failures since the last answer. */
  failures(): number
  /**
   * Waits until the next try.
   *
   * @returns the offset at which to start over, or nothing to go on.
   * @throws {StreamError} when there is none: trying again would not help, or was tried enough.
   */
  failed(cause: unknown): Promise<string | void>
}

/** Decides what follows a failure, and waits in between. */
export function createRecovery(options: RecoveryOptions): Recovery {
  const { backoff, live, signal, onStatus, onError, onReset, extend } = options
  let failures = 0
  let failingSince = 0
  let resets = 0
  let wasAnswered = false

  async function wait(waitMs: number, cause: StreamError): Promise<void> {
    onStatus({ kind: 'offline', retryAt: Date.now() + waitMs, cause })
    await delay(waitMs, signal)
    onStatus({ kind: 'connecting' })
  }

  async function recover(error: StreamError): Promise<string | void> {
    const { code, retryable, retryAfterMs } = error
    const waitMs = backoffDelayMs(failures, backoff, retryAfterMs)
    const isEndless = live && wasAnswered
    // In the middle of a read, what is no stream comes from a proxy, and goes away.
    const mayHelp = retryable || (isEndless && code === 'malformed')
    const beginsMs = Date.now() - failingSince + waitMs
    if (mayHelp && (isEndless || hasTries(failures, beginsMs, backoff))) return wait(waitMs, error)
    const isLost = code === 'gone' || code === 'not-found'
    if (isLost && onReset && resets++ < MAX_RESETS) return (await onReset(error)) || BEGINNING
    const extras = await onError?.(error)
    if (!extras) throw error
    extend(extras)
    return wait(waitMs, error)
  }

  return {
    failures: () => failures,
    answered() {
      failures = resets = 0
      wasAnswered = true
    },
    async failed(cause) {
      if (failures++ === 0) failingSince = Date.now()
      try {
        return await recover(cause instanceof StreamError ? cause : disconnected('The read', cause))
      } catch (error) {
        if (!signal.aborted) onStatus({ kind: 'error', error: asStreamError(error) })
        throw error
      }
    },
  }
}
