import { cutOff, declaredLength, tooLarge } from '../body-limit.ts'
import { concatBytes } from '../bytes.ts'
import type { Exchange } from '../exchange.ts'
import type { RequestHeaders } from '../parse-headers.ts'

/** A `Request`, of any host that speaks the Fetch standard. */
export class FetchExchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly origin: string | undefined
  readonly address: string | undefined
  readonly headers: RequestHeaders
  readonly #request: Request

  constructor(request: Request, address: string | undefined) {
    this.#request = request
    this.method = request.method
    const { origin, pathname, search } = new URL(request.url)
    this.url = pathname + search
    this.origin = origin
    this.address = address
    const headers: Record<string, string> = Object.create(null)
    for (const [name, value] of request.headers) headers[name] = value
    this.headers = headers
  }

  get gone(): boolean {
    return this.#request.signal.aborted
  }

  onGone(listener: () => void): void {
    this.#request.signal.addEventListener('abort', listener, { once: true })
  }

  async body(maxBytes: number): Promise<Uint8Array> {
    declaredLength(this.headers, maxBytes)
    const parts: Uint8Array[] = []
    let length = 0
    const reader = this.#request.body?.getReader()
    for (;;) {
      const { value, done } = await readPart(reader)
      if (done) return concatBytes(parts)
      length += value.length
      if (length > maxBytes) {
        void reader?.cancel().catch(() => undefined)
        throw tooLarge(maxBytes)
      }
      parts.push(value)
    }
  }

  request(): Request {
    const { url, method, headers } = this.#request
    return new Request(url, { method, headers })
  }
}

type Part = { value: Uint8Array; done: false } | { value?: undefined; done: true }

async function readPart(
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
): Promise<Part> {
  if (!reader) return { done: true }
  try {
    const { value, done } = await reader.read()
    return done ? { done } : { value, done }
  } catch (cause) {
    throw cutOff(cause)
  }
}
