import { MULTIPLEX_PATH } from '../protocol.ts'

/** Where a stream is read together with others, and what it is called there. */
export interface HubAddress {
  /** With the user's own query: streams that are asked for differently cannot share an answer. */
  url: URL
  path: string
}

/** An address without what says where one read of it is, and what gets that past caches. */
export function withoutReading(target: URL): URL {
  const url = new URL(target)
  for (const name of ['offset', 'live', 'cursor', 'cache-buster']) url.searchParams.delete(name)
  return url
}

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
    url.search = withoutReading(target).search
    return { url, path }
  } catch {
    // Not a URL, or not UTF-8: it goes the way of all others.
  }
}

function canonical(segment: string): string {
  return encodeURIComponent(decodeURIComponent(segment))
}
