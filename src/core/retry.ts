import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import { delay } from './delay.ts'
import { StreamError } from './errors.ts'

/**
 * Whether one more try is within the policy.
 *
 * @param attempts how many there were.
 * @param atMs when it would begin, in milliseconds after the first.
 */
export function hasTries(
  attempts: number,
  atMs: number,
  { maxAttempts, maxTotalMs }: BackoffPolicy,
): boolean {
  return attempts < maxAttempts && atMs <= maxTotalMs
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
  for (let attempts = 1; ; attempts++) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof StreamError && error.retryable)) throw error
      const waitMs = backoffDelayMs(attempts, policy, error.retryAfterMs)
      if (!hasTries(attempts, Date.now() - startedAt + waitMs, policy)) throw error
      if (await delay(waitMs, signal)) attempts = 0
    }
  }
}
