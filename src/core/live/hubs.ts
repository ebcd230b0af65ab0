import { isSentinel } from '../protocol.ts'
import { hubAddress } from './hub-address.ts'
import { createPlace, type HubPlace } from './hub-place.ts'
import type { LiveFetch } from './live-fetch.ts'

/**
 * Reads all streams of a server that are asked for with the same credentials in one answer, where the
 * server offers it; all else goes the way of `otherwise`.
 *
 * @param isLimited whether connections to the host are few.
 */
export function createHubs(otherwise: LiveFetch, isLimited: (target: URL) => boolean): LiveFetch {
  const places = new Map<string, HubPlace>()

  return async (request) => {
    const { target, init, send, multiplex } = request
    const { signal } = init
    const offset = target.searchParams.get('offset')!
    const isSse = target.searchParams.get('live') === 'sse' && !isSentinel(offset)
    const address = isSse && multiplex !== null && hubAddress(target, multiplex)
    if (!address) return otherwise(request)

    const { url, path } = address
    const at = url.origin + url.pathname
    const place = places.get(at) ?? createPlace()
    places.set(at, place)
    const headers = new Headers(init.headers)
    const kind = JSON.stringify([url.search, ...headers])
    const hub = { url: url.href, headers, send }
    const question = { offset, signal }
    while (place.isUsable(kind)) {
      signal?.throwIfAborted()
      const response = await place.join(kind, hub, path, question, isLimited(target))
      if (response) return response
    }
    return otherwise(request)
  }
}
