import type { EndpointOptions } from '../core/endpoint.ts'

/** What a stream is known by: its address, and what the server may tell people by. */
export function endpointIdentity(options: EndpointOptions): readonly unknown[] {
  const { url, headers = {}, params = {}, fetch } = options
  const credentials = [fetch, Object.entries(headers), '', Object.entries(params)]
  return [absoluteUrl(url), ...credentials.flat(2)]
}

/** One address is one stream, however it is written. One that is none is told of when it is read. */
export function absoluteUrl(url: string | URL): string {
  const base = (globalThis as { location?: { href?: string } }).location?.href
  return URL.canParse(url, base) ? new URL(url, base).href : String(url)
}
