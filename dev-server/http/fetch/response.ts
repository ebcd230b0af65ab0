import { isBare, type Answer, type Live } from '../answer.ts'
import { concatBytes } from '../bytes.ts'
import type { LiveResponse } from '../live-response.ts'

/** What a caller who takes nothing may leave waiting, in bytes. */
const ROOM_BYTES = 64 * 1024

/** `answer` as a `Response`, with `common` headers below its own. */
export function toResponse(
  { status, headers, body = '' }: Answer,
  method: string,
  common: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Response {
  const head = { ...common, ...headers }
  if (isBare(status, method)) return new Response(null, { status, headers: head })
  if (typeof body === 'function') {
    return new Response(liveStream(body, signal), { status, headers: head })
  }
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : concatBytes(body)
  const length = String(bytes.length)
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    status,
    headers: { ...head, 'content-length': length },
  })
}

/** Runs `live` while the stream is read; its end closes the stream, a cancel ends it. */
function liveStream(live: Live, signal: AbortSignal): ReadableStream<Uint8Array> {
  let response: StreamedResponse
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        response = new StreamedResponse(controller)
        signal.addEventListener('abort', response.leave, { once: true })
        void live(response).then(() => {
          signal.removeEventListener('abort', response.leave)
          response.end()
        })
      },
      pull: () => response.drained(),
      cancel: () => response.leave(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: ROOM_BYTES }),
  )
}

class StreamedResponse implements LiveResponse {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  #listener: (() => void) | undefined
  gone = false

  constructor(controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#controller = controller
  }

  get full(): boolean {
    return !this.gone && (this.#controller.desiredSize ?? 0) <= 0
  }

  onChange(listener: () => void): void {
    this.#listener = listener
  }

  write(bytes: Uint8Array): void {
    if (!this.gone) this.#controller.enqueue(bytes)
  }

  drained(): void {
    this.#listener?.()
  }

  readonly leave = (): void => {
    this.gone = true
    this.#listener?.()
  }

  end(): void {
    if (!this.gone) this.#controller.close()
    this.gone = true
  }
}
