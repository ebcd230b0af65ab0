import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import type { Reading } from './connect.ts'
import { delay } from './delay.ts'
import { asStreamError, type StreamError } from './errors.ts'
import { BEGINNING } from './protocol.ts'
import type { ReadOptions } from './read-options.ts'
import type { LiveMode } from './read-state.ts'
import { hasTries } from './retry.ts'
import type { StreamStatus } from './status.ts'

/** Restarts in a row, without one batch between them, before the server counts as broken. */
const MAX_RESETS = 3

export interface Recovery {
  answered(): void
  /**
   * Waits until the next try.
   *
   * @returns the offset at which to start over, or nothing to go on.
   * @throws {StreamError} when there is none: trying again would not help, or was tried enough.
   */
  failed(error: StreamError): Promise<string | void>
}

/**
 * Decides what follows a failure, and waits in between.
 *
 * @param reading takes what `onError` gives.
 * @param live once answered, a live read never gives up.
 */
export function createRecovery(
  reading: ReadOptions & Reading,
  live: LiveMode,
  backoff: BackoffPolicy,
  onStatus: (status: StreamStatus) => void,
  signal: AbortSignal | undefined,
): Recovery {
  let failures = 0
  let failingSince = 0
  let resets = 0
  let wasAnswered = false

  return {
    answered() {
      failures = resets = 0
      wasAnswered = true
    },
    async failed(error) {
      if (failures++ === 0) failingSince = Date.now()
      try {
        const { code, retryable, retryAfterMs } = error
        const waitMs = backoffDelayMs(failures, backoff, retryAfterMs)
        const isEndless = live && wasAnswered
        // In the middle of a read, what is no stream comes from a proxy, and goes away.
        const mayHelp = retryable || (isEndless && code === 'malformed')
        const beginsMs = Date.now() - failingSince + waitMs
        if (!mayHelp || !(isEndless || hasTries(failures, beginsMs, backoff))) {
          const isLost = code === 'gone' || code === 'not-found'
          if (isLost && reading.onReset && resets++ < MAX_RESETS) {
            return (await reading.onReset(error)) || BEGINNING
          }
          const extras = await reading.onError?.(error)
          if (!extras) throw error
          reading.headers = { ...reading.headers, ...extras.headers }
          reading.params = { ...reading.params, ...extras.params }
        }
        onStatus({ kind: 'offline', retryAt: Date.now() + waitMs, cause: error })
        // A network that is just back may fail once more: that is no reason to wait long.
        if (await delay(waitMs, signal)) failures = 0
        onStatus({ kind: 'connecting' })
      } catch (cause) {
        if (!signal?.aborted) onStatus({ kind: 'error', error: asStreamError(cause) })
        throw cause
      }
    },
  }
}
