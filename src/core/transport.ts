import { StreamError } from './errors.ts'
import type { LiveMode, Transport } from './read-state.ts'

/** An SSE connection that ends within this time, and brought no data, is a broken one. */
const SHORT_LIFE_MS = 1000

/** What an answer is called that is not SSE. */
const NO_SSE = /^(bad-request|malformed|unsupported)$/

export interface TransportChoice {
  current(): Transport
  /**
   * A live connection came to its end, with an error or without.
   *
   * @param spoke whether it said where it stands, with data or without.
   * @returns whether the error may only say that the server has no SSE: a plain read tells.
   */
  ended(broughtData: boolean, spoke: boolean, lifeMs: number, error?: unknown): boolean
}

/**
 * Picks how to read live: SSE, and for `live: true` long-poll for good where SSE does not work:
 * refused twice, or three times in a row cut off at once, or silent behind a proxy that buffers.
 */
export function chooseTransport(live: LiveMode): TransportChoice {
  let transport: Transport = live === 'long-poll' ? 'long-poll' : 'sse'
  let broken = 0

  return {
    current: () => transport,
    ended(broughtData, spoke, lifeMs, error) {
      if (transport !== 'sse') return false
      const isRefusal = error instanceof StreamError && NO_SSE.test(error.code)
      broken = broughtData || (spoke && lifeMs >= SHORT_LIFE_MS) ? 0 : broken + 1
      if (live === true && broken >= (isRefusal ? 2 : 3)) transport = 'long-poll'
      return isRefusal && broken < 3
    },
  }
}
