import { StreamError } from './errors.ts'
import type { LiveMode, Transport } from './read-state.ts'

/** An SSE connection that ends within this time, and brought nothing, is a broken one. */
const SHORT_LIFE_MS = 1000
const BROKEN_BEFORE_FALLBACK = 3

/** What an answer is called that is not SSE. */
const NO_SSE: ReadonlySet<unknown> = new Set(['bad-request', 'malformed', 'unsupported'])

export interface TransportChoice {
  current(): Transport
  /**
   * A live connection came to its end, with an error or without.
   *
   * @returns whether the error only says that the server has no SSE.
   */
  ended(life: { broughtData: boolean; lifeMs: number; error?: unknown }): boolean
}

/** Picks how to read live: SSE, and for `live: true` long-poll for good where SSE does not work. */
export function chooseTransport(live: LiveMode): TransportChoice {
  let transport: Transport = live === 'long-poll' ? 'long-poll' : 'sse'
  let broken = 0

  return {
    current: () => transport,
    ended({ broughtData, lifeMs, error }) {
      if (transport !== 'sse' || live !== true) return false
      const code = error instanceof StreamError && error.code
      const isRefusal = NO_SSE.has(code)
      broken = broughtData || lifeMs >= SHORT_LIFE_MS ? 0 : broken + 1
      if (isRefusal || broken >= BROKEN_BEFORE_FALLBACK) transport = 'long-poll'
      return isRefusal
    },
  }
}
