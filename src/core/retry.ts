import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import { delay } from './delay.ts'
import { StreamError } from './errors.ts'

/**
 * How long to wait before the next try, in milliseconds; nothing when there shall be none: it would
 * not help, it was the last of `maxAttempts`, or it would begin later than `maxTotalMs`.
 *
 * @param attempt how many tries there were.
 * @param elapsedMs since the first of them began.
 */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  elapsedMs: number,
  policy: BackoffPolicy,
  random?: () => number,
): number | undefined {
  if (!(error instanceof StreamError && error.retryable)) return undefined
  const waitMs = backoffDelayMs(attempt, policy, error.retryAfterMs, random)
  const isOver = attempt >= policy.maxAttempts || elapsedMs + waitMs > policy.maxTotalMs
  return isOver ? undefined : waitMs
}

/**
 * Runs `attempt` until it succeeds, or trying again would not help.
 *
 * @throws what the last attempt threw, or the reason of `signal`.
 */
export async function withRetry<Result>(
  run: () => Promise<Result>,
  policy: BackoffPolicy,
  signal?: AbortSignal,
): Promise<Result> {
  const startedAt = Date.now()
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      const waitMs = retryDelayMs(error, attempt, Date.now() - startedAt, policy)
      if (waitMs === undefined) throw error
      await delay(waitMs, signal)
    }
  }
}
