import { errorAnswer } from './error-answer.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'

export interface RateLimitOptions {
  /** Requests that one client may send per second, in the long run. */
  requestsPerSecond: number
  /** How many may come at once after a rest. Default: what two seconds allow. */
  burst?: number
  /** Tells clients apart. Default: by the address of the connection; behind a proxy, read a header. */
  clientOf?: (request: Request) => string
}

/** @returns the refusal, or nothing if the client is within its limit. */
export type RateLimit = (exchange: Exchange) => Answer | undefined

/** Above so many clients, those that have been at rest are forgotten. */
const CLIENTS_KEPT = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

/** A token bucket per client. @param now gives milliseconds since 1970 */
export function createRateLimit(
  { requestsPerSecond, burst = Math.max(1, requestsPerSecond * 2), clientOf }: RateLimitOptions,
  now: () => number,
): RateLimit {
  const buckets = new Map<string, Bucket>()

  return (exchange) => {
    const at = now()
    const client = clientOf ? clientOf(exchange.request()) : (exchange.address ?? '')
    const bucket = buckets.get(client) ?? open(client, at)
    const earned = (Math.max(0, at - bucket.filledAt) / 1000) * requestsPerSecond
    bucket.tokens = Math.min(burst, bucket.tokens + earned)
    bucket.filledAt = at
    if (bucket.tokens < 1) return tooMany(Math.ceil((1 - bucket.tokens) / requestsPerSecond))
    bucket.tokens -= 1
    return undefined
  }

  function open(client: string, at: number): Bucket {
    if (buckets.size >= CLIENTS_KEPT) forgetRested(at)
    const bucket = { tokens: burst, filledAt: at }
    buckets.set(client, bucket)
    return bucket
  }

  /** A full bucket is like a new one. If none is, the oldest goes. */
  function forgetRested(at: number): void {
    const restMs = (burst / requestsPerSecond) * 1000
    for (const [client, { filledAt }] of buckets) {
      if (at - filledAt >= restMs) buckets.delete(client)
    }
    if (buckets.size >= CLIENTS_KEPT) buckets.delete(buckets.keys().next().value!)
  }
}

function tooMany(seconds: number): Answer {
  return errorAnswer(429, 'unavailable', `Too many requests: come back in ${seconds} s`, {
    'retry-after': String(seconds),
  })
}
