import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import { delay } from './delay.ts'
import { asStreamError } from './errors.ts'
import type { StreamStatus } from './status.ts'

export interface RecoveryOptions {
  backoff: BackoffPolicy
  /** Once answered, a live read never gives up. */
  isLive: boolean
  signal: AbortSignal
  onStatus: (status: StreamStatus) => void
  now: () => number
  random: () => number
}

export interface Recovery {
  /** Failures since the last answer. */
  failures(): number
  answered(): void
  /**
   * Waits until the next try.
   *
   * @throws {StreamError} when there is none: trying again would not help, or was tried enough.
   */
  failed(cause: unknown): Promise<void>
}

/** Counts failures in a row and waits between them. */
export function createRecovery(options: RecoveryOptions): Recovery {
  const { backoff, isLive, signal, onStatus, now, random } = options
  let failures = 0
  let wasAnswered = false

  return {
    failures: () => failures,
    answered() {
      failures = 0
      wasAnswered = true
    },
    async failed(cause) {
      const error = asStreamError(cause)
      failures++
      const gaveUp = failures >= backoff.maxAttempts && !(isLive && wasAnswered)
      if (!error.retryable || gaveUp) {
        onStatus({ kind: 'error', error })
        throw error
      }
      const waitMs = backoffDelayMs(failures, backoff, error.retryAfterMs, random)
      onStatus({ kind: 'offline', retryAt: now() + waitMs, cause: error })
      await delay(waitMs, signal)
      onStatus({ kind: 'connecting' })
    },
  }
}
