import { linkedController } from './abort-link.ts'
import { onPageEvents } from './delay.ts'
import { disconnected } from './response-error.ts'

/** How often a line is looked at, in milliseconds: so soon after sleep it is known to be dead. */
const LOOK_MS = 5000

/** A page that was hidden for so long gives its live connection back, in milliseconds. */
const HIDDEN_MS = 30_000

/** One request's life. */
export interface Line {
  /** Aborts with the caller's signal, and with a retryable error when the line is dead. */
  readonly signal: AbortSignal
  /** The bytes of a body as they come. Silence counts while they are waited for, not while they are used. */
  read(response: Response): AsyncGenerator<Uint8Array, void>
  /** Ends the request, should it not have ended. */
  close(): void
}

export function isPageHidden(): boolean {
  return (globalThis as { document?: { hidden: boolean } }).document?.hidden === true
}

/**
 * Watches over one request. A connection may be dead for minutes before `fetch` says so: after
 * sleep, after a change of network, behind a proxy that forgot it.
 *
 * @param silenceMs the silence that is allowed, in milliseconds.
 * @param firstMs the same before anything came.
 * @param pauses whether it ends when the page has been hidden for a while.
 */
export function openLine(
  signal: AbortSignal | undefined,
  silenceMs: number,
  firstMs: number,
  pauses = false,
): Line {
  const line = linkedController(signal)
  let shownAt = Date.now()
  let deadAt = shownAt + firstMs
  const drop = (): void => line.abort(disconnected('A request', 'silence, or a new network'))
  const look = (): void => {
    const now = Date.now()
    if (!pauses || !isPageHidden()) shownAt = now
    if (now >= deadAt || now - shownAt >= HIDDEN_MS) drop()
  }
  const timer = setInterval(look, Math.min(LOOK_MS, firstMs))
  // What was asked just before a page was put aside may never be answered. One that is not `persisted`
  // has only just come, or goes for good.
  onPageEvents(
    ['offline', 'online', 'pagehide', 'pageshow'],
    ({ persisted }) => persisted === false || drop(),
    line.signal,
  )

  return {
    signal: line.signal,
    async *read({ body }) {
      const reader = body?.getReader()
      for (;;) {
        deadAt = Date.now() + firstMs
        const chunk = await reader?.read()
        firstMs = silenceMs
        deadAt = Infinity
        if (!chunk?.value) return
        yield chunk.value
      }
    },
    close() {
      clearInterval(timer)
      // Without a reason it would be an error with a stack, made for nobody.
      line.abort(1)
    },
  }
}
