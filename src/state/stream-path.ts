import { DEFAULT_PATH_PREFIX } from '../core/protocol.ts'

/**
 * The path of a stream below its server, which hooks take for a key: `rooms/1` of
 * `https://example.com/v1/stream/rooms/1`.
 *
 * @returns nothing for a server that has its streams elsewhere.
 */
export function streamPath(url: string | URL): string | undefined {
  const { pathname } = new URL(url, 'http://localhost')
  const at = pathname.indexOf(`${DEFAULT_PATH_PREFIX}/`)
  if (at < 0) return undefined
  const segments = pathname.slice(at + DEFAULT_PATH_PREFIX.length + 1).split('/')
  return segments.map(decodeURIComponent).join('/')
}
