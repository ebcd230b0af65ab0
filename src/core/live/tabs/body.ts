import { linkedController } from '../../abort-link.ts'

/** A reader takes a connection that ends sooner as one that does not work, in milliseconds. */
const SHORT_MS = 1000

/** The body of an answer that can be ended from outside. What comes after its end is dropped. */
export interface Body {
  stream: ReadableStream<Uint8Array>
  push(chunk: Uint8Array): void
  close(): void
  /** Nothing more is to come; it is closed once its reader takes it for one that worked. */
  closeLater(): void
  fail(error: unknown): void
}

/**
 * @param askedAt when it was asked for.
 * @param onPull is called when its reader waits for more.
 * @param onLeave is called at its end: nothing more is to come, or is read.
 */
export function createBody(
  signal: AbortSignal | null | undefined,
  askedAt: number,
  onPull: () => void,
  onLeave: (reason: unknown) => void,
): Body {
  let isOver = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let its: ReadableStreamDefaultController<Uint8Array>
  const link = linkedController(signal ?? undefined, (reason) => {
    isOver = true
    clearTimeout(timer)
    // Else it was closed, and what is left of it is still to be read.
    if (signal?.aborted) its.error(reason)
    onLeave(reason)
  })
  const leave = (): void => link.abort(1)
  const stream = new ReadableStream<Uint8Array>(
    { start: (controller) => void (its = controller), pull: onPull, cancel: leave },
    { highWaterMark: 0 },
  )
  const close = (): void => {
    its.close()
    leave()
  }
  return {
    stream,
    push: (chunk) => isOver || its.enqueue(chunk),
    close: () => isOver || close(),
    closeLater() {
      if (isOver) return
      isOver = true
      const waitMs = askedAt + SHORT_MS - Date.now()
      if (waitMs > 0) timer = setTimeout(close, waitMs)
      else close()
    },
    fail(error) {
      if (isOver) return
      its.error(error)
      link.abort(error)
    },
  }
}
