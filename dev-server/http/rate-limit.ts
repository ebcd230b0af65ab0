import { clientNetwork } from './client-address.ts'
import { errorAnswer } from './error-answer.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'

export interface RateLimitOptions {
  /** Requests that one client may send per second, in the long run. */
  requestsPerSecond: number
  /** How many may come at once after a rest. Default: what two seconds allow, and at least one. */
  burst?: number
  /**
   * Tells clients apart, in a short text. Default: by the address of the connection, of IPv6 the
   * first 64 bits; behind a proxy, read the header that it sets. If it throws, the address counts.
   */
  clientOf?: (request: Request) => string
}

/** @returns the refusal, or nothing if the client is within its limit. */
export type RateLimit = (exchange: Exchange) => Answer | undefined

/** So many clients are remembered: those that came last. */
const CLIENTS_KEPT = 10_000

interface Bucket {
  tokens: number
  filledAt: number
}

/**
 * A token bucket per client.
 *
 * @param now milliseconds since 1970
 * @param onError is told when `clientOf` fails
 */
export function createRateLimit(
  { requestsPerSecond, burst = Math.max(1, requestsPerSecond * 2), clientOf }: RateLimitOptions,
  now: () => number,
  onError: (error: unknown) => void,
): RateLimit {
  // In the order of their last request.
  const buckets = new Map<string, Bucket>()

  return (exchange) => {
    const bucket = bucketOf(clientFor(exchange), now())
    if (bucket.tokens < 1) return tooMany(Math.ceil((1 - bucket.tokens) / requestsPerSecond))
    bucket.tokens -= 1
    return undefined
  }

  function clientFor(exchange: Exchange): string {
    try {
      if (clientOf) return String(clientOf(exchange.request()))
    } catch (error) {
      onError(error)
    }
    return clientNetwork(exchange.address ?? '')
  }

  function bucketOf(client: string, at: number): Bucket {
    const known = buckets.get(client)
    const bucket = known ? filled(known, at) : { tokens: burst, filledAt: at }
    buckets.delete(client)
    buckets.set(client, bucket)
    if (buckets.size > CLIENTS_KEPT) buckets.delete(buckets.keys().next().value!)
    return bucket
  }

  function filled({ tokens, filledAt }: Bucket, at: number): Bucket {
    const earned = (Math.max(0, at - filledAt) / 1000) * requestsPerSecond
    return { tokens: Math.min(burst, tokens + earned), filledAt: at }
  }
}

function tooMany(seconds: number): Answer {
  return errorAnswer(429, 'unavailable', `Too many requests: come back in ${seconds} s`, {
    'retry-after': String(seconds),
  })
}
