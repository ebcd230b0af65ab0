import { StreamError } from '../../core/errors.ts'
import { DEFAULT_PATH_PREFIX } from '../../core/protocol.ts'

/**
 * The path that a key names below the server: `rooms/counter`.
 *
 * @throws {StreamError} `invalid` for a key that is no path.
 */
export function keyPath(key: string): string {
  const segments = key.split('/')
  if (segments[0] === '__ds' || segments.some((name) => ['', '.', '..'].includes(name))) {
    throw new StreamError(
      'invalid',
      `The key ${JSON.stringify(key)} is no path: use names with single slashes between, like "rooms/counter" ("__ds" is reserved)`,
    )
  }
  return segments.map(encodeURIComponent).join('/')
}

/** The stream of a path: `<serverUrl>/rooms/counter`. */
export function streamUrl(serverUrl: string, path: string): string {
  return `${serverUrl.replace(/\/+$/, '')}/${path}`
}

/**
 * The server of the page that we are on: the Vite plugin serves streams there.
 *
 * @returns nothing outside a browser.
 */
export function sameOriginServerUrl(): string | undefined {
  const { location } = globalThis as { location?: { origin?: string } }
  const origin = location?.origin
  return origin && origin !== 'null' ? `${origin}${DEFAULT_PATH_PREFIX}` : undefined
}
