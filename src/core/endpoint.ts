import { untilAborted } from './abort.ts'
import { type BackoffPolicy, DEFAULT_BACKOFF } from './backoff.ts'
import { StreamError } from './errors.ts'
import { loadLive } from './live.ts'
import { MULTIPLEX } from './protocol.ts'
import { disconnected, errorFromResponse, type Explain } from './response-error.ts'

/** Values, or functions that are asked again on every request: the place for a fresh token. */
export type Dynamic = Readonly<
  Record<string, string | undefined | (() => string | Promise<string>)>
>

export interface EndpointOptions {
  /** Address of the stream. A relative one is resolved against the page's. */
  url: string | URL
  /**
   * Request headers. A function that throws is asked again, as if the network were away; one that
   * throws a `StreamError` of another code ends the request with it.
   */
  headers?: Dynamic | undefined
  /** Query parameters, besides those of the protocol. */
  params?: Dynamic | undefined
  /** Stands in for the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /**
   * A request that brings nothing for so long counts as lost, in milliseconds. Default 60,000. A read
   * gets half as much again, since servers hold a live one for up to a minute.
   */
  timeoutMs?: number | undefined
  /**
   * What shares one live connection to the server: all tabs of the browser with the same credentials
   * (`'browser'`, the default), this page (`'page'`), or nothing (`'stream'`). See docs/connections.md.
   */
  connection?: 'browser' | 'page' | 'stream' | undefined
}

/** Where one stream lives and how to ask it. */
export interface Endpoint {
  url: URL
  timeoutMs: number
  /** How long calls try. */
  backoff: BackoffPolicy
  /**
   * One request, tried once; it waits as long as `fetch` does. Query parameters are sorted by name, so that equal questions have
   * equal, cacheable URLs (protocol section 6).
   *
   * @throws {StreamError} for no answer and for every answer that is no success.
   */
  request(request: EndpointRequest): Promise<Response>
}

/** As {@link Dynamic}; what is `false` is left out. */
type Fields = Readonly<Record<string, Dynamic[string] | number | boolean>>

export interface EndpointRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  query?: Fields | undefined
  /** On top of the endpoint's own, as are `params`. */
  headers?: Fields | undefined
  params?: Dynamic | undefined
  body?: Uint8Array<ArrayBuffer> | string | undefined
  signal?: AbortSignal | undefined
  /** How the browser's cache is used. */
  cache?: RequestCache | undefined
  explain?: Explain | undefined
}

/** @throws {StreamError} `invalid` for a URL that is none, or that is not http. */
export function createEndpoint(
  options: EndpointOptions & { backoff?: Partial<BackoffPolicy> | undefined },
): Endpoint {
  const { timeoutMs = 60_000 } = options
  const url = parseUrl(options.url)
  let multiplex: string | null = null

  return {
    url,
    timeoutMs,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    async request({ query, headers, params, explain, ...init }) {
      const { method, signal } = init
      const target = new URL(url)
      const sent = new Headers()
      const ask = async (): Promise<Response> => {
        await setAll(target.searchParams, { ...options.params, ...params, ...query })
        await setAll(sent, { ...options.headers, ...headers })
        target.searchParams.sort()
        signal?.throwIfAborted()
        const { connection, fetch: send = fetch } = options
        // What is undefined in it, `fetch` takes for missing.
        const asked = { ...init, headers: sent } as RequestInit
        const live = query?.['live'] && connection !== 'stream' && (await loadLive())
        return live
          ? live.fetchLive({ target, init: asked, send, multiplex, connection })
          : send(target, asked)
      }
      try {
        signal?.throwIfAborted()
        // Neither a function that gives a header nor `fetch` need mind the signal. What fails here, as a token does that cannot be had without a network, may do better later.
        const response = await untilAborted(ask(), signal)
        multiplex = response.headers.get(MULTIPLEX) ?? multiplex
        if (response.ok || (response.status === 304 && sent.has('if-none-match'))) return response
        throw await errorFromResponse(`${method} ${target.href}`, response, explain)
      } catch (cause) {
        if (cause instanceof StreamError) throw cause
        signal?.throwIfAborted()
        throw disconnected(`${method} ${target.href}`, cause)
      }
    },
  }
}

/**
 * Later values replace earlier ones, and header names differ in case alone: hence not an object. What
 * they are set on makes text of them.
 */
async function setAll(
  target: { set: (name: string, value: string) => void },
  values: Fields,
): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    const known = typeof value === 'function' ? await value() : value
    if (known !== undefined && known !== false) target.set(name, known as string)
  }
}

function parseUrl(url: string | URL): URL {
  const base = (globalThis as { location?: { href?: string } }).location?.href
  try {
    const parsed = new URL(url, base)
    if (/^https?:/.test(parsed.href)) return parsed
  } catch {
    // Told below.
  }
  throw new StreamError('invalid', `"${url}" is no absolute http(s) URL`)
}
