import { onPageEvents } from './delay.ts'
import { FetchError } from './response-error.ts'

/** How often a line is looked at, in milliseconds; a much longer gap between two looks was sleep. */
const LOOK_MS = 5000
const SLEPT_MS = 3 * LOOK_MS

/** A page that was hidden for so long gives its live connection back, in milliseconds. */
const HIDDEN_MS = 30_000

/** One request's life. */
export interface Line {
  /** Aborts with the caller's signal, and with a retryable error when the line is dead. */
  readonly signal: AbortSignal
  /** From now on something is awaited, and silence counts. */
  await(): void
  /** Nothing is awaited, since what came is being read. */
  rest(): void
  /** Frees timers and listeners. */
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
  firstMs: number = silenceMs,
  pauses = false,
): Line {
  const line = new AbortController()
  const closed = new AbortController()
  let lookedAt = Date.now()
  let allowedMs = firstMs
  let deadAt = lookedAt + allowedMs
  const drop = (why: string): void => line.abort(new FetchError('disconnected', why))
  const timer = setInterval(
    () => {
      const now = Date.now()
      if (now >= deadAt) drop(`Nothing came for ${allowedMs} ms`)
      if (now - lookedAt > SLEPT_MS) drop('The machine slept')
      lookedAt = now
    },
    Math.min(LOOK_MS, firstMs),
  )
  const end = (): void => line.abort(signal!.reason)
  const hide = (): unknown => isPageHidden() && drop('The page is hidden')

  if (signal?.aborted) end()
  signal?.addEventListener('abort', end, closed)
  onPageEvents(['offline', 'online', 'pagehide'], () => drop('The network changed'), closed.signal)
  if (pauses) onPageEvents(['visibilitychange'], () => setTimeout(hide, HIDDEN_MS), closed.signal)

  return {
    signal: line.signal,
    await: () => (deadAt = Date.now() + allowedMs),
    rest() {
      allowedMs = silenceMs
      deadAt = Infinity
    },
    close() {
      closed.abort()
      clearInterval(timer)
    },
  }
}
