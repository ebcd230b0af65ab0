export type Fault = 'refused' | 'unavailable' | 'reply-lost' | 'body-cut' | 'body-ended'

export interface FaultyFetch {
  fetch: typeof globalThis.fetch
  /** How often each fault happened. */
  happened: Map<Fault, number>
}

/**
 * Real requests on a bad network: some are refused before the server sees them, of some the answer
 * is lost after it acted, and bodies break off, or end too soon, after any number of bytes.
 */
export function createFaultyFetch(random: () => number, rate: number): FaultyFetch {
  const happened = new Map<Fault, number>()
  const happens = (fault: Fault): boolean => {
    const does = random() < rate
    if (does) happened.set(fault, (happened.get(fault) ?? 0) + 1)
    return does
  }

  return {
    happened,
    async fetch(input, init) {
      if (happens('refused')) throw new TypeError('connect ECONNREFUSED')
      if (happens('unavailable')) return new Response('busy', { status: 503 })
      const response = await globalThis.fetch(input, init)
      if (happens('reply-lost')) {
        await response.body?.cancel()
        throw new TypeError('read ECONNRESET')
      }
      const isEvents = response.headers.get('content-type')?.includes('event-stream') === true
      if (!response.body) return response
      const bytes = Math.floor(random() * 400)
      if (happens('body-cut')) return withBody(response, cutAfter(bytes, 'error'))
      // Only an event stream may end anywhere; the length of others is known.
      if (isEvents && happens('body-ended')) return withBody(response, cutAfter(bytes, 'end'))
      return response
    },
  }
}

function withBody(response: Response, change: TransformStream<Uint8Array, Uint8Array>): Response {
  const changed = new Response(response.body!.pipeThrough(change), response)
  Object.defineProperty(changed, 'url', { value: response.url })
  return changed
}

function cutAfter(bytes: number, how: 'error' | 'end'): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes
  return new TransformStream({
    transform(chunk, controller) {
      if (left > 0) controller.enqueue(chunk.slice(0, left))
      left -= chunk.length
      if (left > 0) return
      if (how === 'end') controller.terminate()
      else controller.error(new TypeError('terminated'))
    },
  })
}

/** Chance that repeats: the same numbers for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
