import { MULTIPLEX_PATH } from '../../src/core/protocol.ts'

/** Whether the request of that address reads live: one stream by itself, or several together. */
export function readsLive(input: RequestInfo | URL): boolean {
  const { pathname, searchParams } = new URL(String(input), 'http://localhost')
  return searchParams.has('live') || pathname.endsWith(`/${MULTIPLEX_PATH}`)
}

/** Whether a request appends to a stream: not every `POST` does. */
export function appends(input: RequestInfo | URL, init: RequestInit | undefined): boolean {
  return init?.method === 'POST' && !readsLive(input)
}

/** Which streams a request asks for that reads several together, and from where. */
export function streamsAskedFor(init: RequestInit): { path: string; offset: string }[] {
  return (JSON.parse(String(init.body)) as { streams: { path: string; offset: string }[] }).streams
}
