import { StreamError } from './errors.ts'
import { disconnected, errorFromResponse, type Explain } from './response-error.ts'

/** Values, or functions that are asked again on every request: the place for a fresh token. */
export type Dynamic = Readonly<Record<string, string | (() => string | Promise<string>)>>

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
}

/** Where one stream lives and how to ask it. */
export interface Endpoint {
  url: URL
  /**
   * One request, tried once. Query parameters are sorted by name, so that equal questions have
   * equal, cacheable URLs (protocol section 6).
   *
   * @throws {StreamError} for no answer and for every answer that is no success.
   */
  send(request: EndpointRequest): Promise<Response>
}

export interface EndpointRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  query?: Readonly<Record<string, string | undefined>>
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array<ArrayBuffer> | string | undefined
  signal?: AbortSignal | undefined
  /** How the browser's cache is used. */
  cache?: RequestCache | undefined
  explain?: Explain
}

/** @throws {StreamError} `invalid` for a URL that is none, or that is not http. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const url = parseUrl(options.url)
  const fetch: typeof globalThis.fetch = options.fetch ?? ((...args) => globalThis.fetch(...args))

  return {
    url,
    async send({ method, query, headers, body, signal, cache, explain }) {
      const target = new URL(url)
      const params = { ...(await resolveAll('params', options.params)), ...query }
      for (const [name, value] of Object.entries(params)) {
        if (value !== undefined) target.searchParams.set(name, value)
      }
      target.searchParams.sort()
      const init: RequestInit = {
        method,
        headers: { ...(await resolveAll('headers', options.headers)), ...headers },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
        ...(cache && { cache }),
      }
      signal?.throwIfAborted()
      const response = await fetch(target, init).catch((cause: unknown) => {
        signal?.throwIfAborted()
        throw disconnected(method, target, cause)
      })
      if (!response.ok) throw await errorFromResponse(method, response, explain)
      // An answer that is not read to its end counts as failed in a browser, and costs its connection.
      if (method !== 'GET') await response.arrayBuffer().catch(() => undefined)
      return response
    },
  }
}

async function resolveAll(of: string, values: Dynamic = {}): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    resolved[name] = typeof value === 'function' ? await ask(`${of}.${name}`, value) : value
  }
  return resolved
}

/** A function that fails, as one that fetches a token does without a network, may do better later. */
async function ask(name: string, value: () => string | Promise<string>): Promise<string> {
  try {
    return await value()
  } catch (cause) {
    if (cause instanceof StreamError) throw cause
    throw new StreamError('disconnected', `${name}() failed: ${cause}`, { cause })
  }
}

function parseUrl(url: string | URL): URL {
  const base = (globalThis as { location?: { href?: string } }).location?.href
  let parsed: URL
  try {
    parsed = new URL(url, base)
  } catch (cause) {
    throw new StreamError(
      'invalid',
      `"${String(url)}" is no absolute URL, such as http://127.0.0.1:4437/v1/stream/a`,
      {
        cause,
      },
    )
  }
  if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed
  throw new StreamError('invalid', `"${parsed.href}" is no http(s) URL`)
}
