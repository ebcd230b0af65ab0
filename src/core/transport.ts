import { StreamError } from './errors.ts'
import type { LiveMode, Transport } from './read-state.ts'

/** An SSE connection that ends within this time, and brought nothing, is a broken one. */
const SHORT_LIFE_MS = 1000
const BROKEN_BEFORE_FALLBACK = 3

export interface TransportChoice {
  current(): Transport
  /** A connection came to its end, well or not. `used` is nothing for a catch-up read. */
  ended(used: Transport | undefined, life: { broughtData: boolean; lifeMs: number }): void
  /** `true` when `error` says that the server has no SSE: long-poll is used from now on. */
  refused(used: Transport | undefined, error: unknown): boolean
}

/** Picks how to read live: SSE, and for `live: true` long-poll for good where SSE does not work. */
export function chooseTransport(live: LiveMode): TransportChoice {
  let transport: Transport = live === 'long-poll' ? 'long-poll' : 'sse'
  let broken = 0

  return {
    current: () => transport,
    ended(used, { broughtData, lifeMs }) {
      if (used !== 'sse' || live !== true) return
      broken = broughtData || lifeMs >= SHORT_LIFE_MS ? 0 : broken + 1
      if (broken >= BROKEN_BEFORE_FALLBACK) transport = 'long-poll'
    },
    refused(used, error) {
      if (used !== 'sse' || live !== true || !(error instanceof StreamError)) return false
      if (error.code !== 'bad-request' && error.code !== 'malformed') return false
      transport = 'long-poll'
      return true
    },
  }
}
