import type { StreamError } from './errors.ts'
import type { LiveMode, Transport } from './read-state.ts'

/** What an answer is called that is not SSE. */
const NO_SSE = /^(bad-request|malformed|unsupported)$/

export interface TransportChoice {
  current(): Transport
  /**
   * A live connection came to its end, with an error or without.
   *
   * @param worked whether it brought data, or said where it stands and lived for a while.
   * @returns whether the error may only say that the server has no SSE: a plain read tells.
   */
  ended(worked: boolean, failure?: StreamError): boolean
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
    ended(worked, failure) {
      if (transport !== 'sse') return false
      const isRefusal = NO_SSE.test(failure?.code ?? '')
      broken = worked ? 0 : broken + 1
      if (live === true && broken >= (isRefusal ? 2 : 3)) transport = 'long-poll'
      return isRefusal && (live === true || broken < 3)
    },
  }
}
