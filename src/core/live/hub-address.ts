import { MULTIPLEX_PATH } from '../protocol.ts'

/** Where a stream is read together with others, and what it is called there. */
export interface HubAddress {
  /** With the user's own query: streams that are asked for differently cannot share an answer. */
  url: URL
  path: string
}

/** What each stream of a hub has of its own, and what `fetch` is given to get past caches. */
const PER_STREAM = ['offset', 'live', 'cursor', 'cache-buster']

/**
 * @param target of a live read, with all of its query.
 * @param multiplex what answers of the stream say under `Stream-Multiplex`: a URL, relative to it.
 * @returns nothing if the stream cannot be read there. Never what another origin would answer: the
 *   request carries the user's tokens.
 */
export function hubAddress(target: URL, multiplex: string): HubAddress | undefined {
  try {
    const url = new URL(multiplex, target)
    const root = url.pathname.slice(0, -MULTIPLEX_PATH.length)
    const isBelow = url.pathname === root + MULTIPLEX_PATH && target.pathname.startsWith(root)
    if (url.origin !== target.origin || !root.endsWith('/') || !isBelow) return
    const path = target.pathname.slice(root.length).split('/').map(canonical).join('/')
    url.search = target.search
    for (const name of PER_STREAM) url.searchParams.delete(name)
    return { url, path }
  } catch {
    // Not a URL, or not UTF-8: it goes the way of all others.
  }
}

function canonical(segment: string): string {
  return encodeURIComponent(decodeURIComponent(segment))
}
