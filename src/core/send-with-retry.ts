import { backoffDelayMs, type BackoffPolicy } from './backoff.ts'
import { delay } from './delay.ts'
import type { Endpoint, EndpointRequest } from './endpoint.ts'
import { StreamError } from './errors.ts'

/**
 * Sends a request that may be repeated, until it is answered.
 *
 * @throws {StreamError} for an answer that waiting will not improve, or the last of
 *   `backoff.maxAttempts` failures.
 */
export async function sendWithRetry(
  endpoint: Endpoint,
  request: EndpointRequest,
  backoff: BackoffPolicy,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await endpoint.send(request)
    } catch (error) {
      const mayHelp = error instanceof StreamError && error.retryable
      if (!mayHelp || attempt >= backoff.maxAttempts) throw error
      await delay(backoffDelayMs(attempt, backoff, error.retryAfterMs), request.signal)
    }
  }
}
