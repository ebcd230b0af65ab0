import type { IncomingMessage } from 'node:http'
import { readBody } from './body.ts'
import type { Exchange } from '../exchange.ts'
import type { RequestHeaders } from '../parse-headers.ts'

/** A request of `node:http` or `node:http2`. */
export class NodeExchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: RequestHeaders
  readonly #req: IncomingMessage
  #gone = false
  #onGone: (() => void) | undefined

  constructor(req: IncomingMessage) {
    this.#req = req
    this.method = req.method ?? 'GET'
    this.url = req.url ?? '/'
    this.headers = req.headers as RequestHeaders
  }

  /** To be called when the caller went away, or was answered in full. */
  leave(): void {
    this.#gone = true
    this.#onGone?.()
  }

  get origin(): string | undefined {
    const host = this.headers['host'] ?? this.headers[':authority']
    if (host === undefined) return undefined
    return `${'encrypted' in this.#req.socket ? 'https' : 'http'}://${host}`
  }

  get address(): string | undefined {
    return this.#req.socket.remoteAddress
  }

  get gone(): boolean {
    return this.#gone
  }

  onGone(listener: () => void): void {
    this.#onGone = listener
  }

  body(maxBytes: number): Promise<Uint8Array> {
    return readBody(this.#req, maxBytes)
  }

  request(): Request {
    const headers = new Headers()
    for (const [name, value] of Object.entries(this.headers)) {
      if (value !== undefined && !name.startsWith(':')) headers.set(name, String(value))
    }
    const url = this.#absoluteUrl()
    const method = FORBIDDEN_METHODS.has(this.method.toUpperCase()) ? 'GET' : this.method
    return new Request(url, { method, headers })
  }

  /** A Host or target that is none must not make a refusal into a failure. */
  #absoluteUrl(): URL {
    const base = URL.canParse(this.origin ?? '') ? this.origin : 'http://localhost'
    const url = URL.canParse(this.url, base) ? new URL(this.url, base) : new URL(base!)
    // A `Request` refuses a URL that carries a name or password.
    url.username = ''
    url.password = ''
    return url
  }
}

/** What a `Request` cannot be made with; none of them reaches a stream. */
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK'])
