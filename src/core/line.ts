import { onPageEvents } from './delay.ts'
import { FetchError } from './response-error.ts'

/** How often a line is looked at, in milliseconds; a longer gap between two looks was sleep. */
const LOOK_MS = 5000
const SLEPT_MS = 15_000

/** A page that was hidden for so long gives its live connection back. */
const HIDDEN_MS = 30_000

export interface LineOptions {
  signal: AbortSignal | undefined
  /** No byte for so long, in milliseconds, and the line counts as dead. */
  silenceMs: number
  /** Whether it is given up while the page is hidden. */
  pauseWhenHidden?: boolean | undefined
}

/** One request's life. */
export interface Line {
  /** Aborts with the caller's signal, and with a retryable error when the line is dead. */
  readonly signal: AbortSignal
  /** Something came; from now on `silenceMs` of silence are allowed. */
  heard(silenceMs?: number): void
  /** Frees timers and listeners. */
  close(): void
}

export function isPageHidden(): boolean {
  return (globalThis as { document?: { hidden: boolean } }).document?.hidden === true
}

/**
 * Watches over one request. A connection may be dead for minutes before `fetch` says so: after
 * sleep, after a change of network, behind a proxy that forgot it.
 */
export function openLine({ signal, silenceMs, pauseWhenHidden }: LineOptions): Line {
  const line = new AbortController()
  const closed = new AbortController()
  let heardAt = Date.now()
  let lookedAt = heardAt

  const drop = (why: string): void => line.abort(new FetchError('disconnected', why))
  const look = (): void => {
    const now = Date.now()
    if (now - heardAt >= silenceMs) drop(`Nothing came for ${silenceMs} ms`)
    if (now - lookedAt > SLEPT_MS) drop('The machine slept')
    lookedAt = now
  }
  const timer = setInterval(look, Math.min(LOOK_MS, silenceMs))
  const end = (): void => line.abort(signal!.reason)

  if (signal?.aborted) end()
  signal?.addEventListener('abort', end, closed)
  onPageEvents(['offline', 'online', 'pagehide'], () => drop('The network changed'), closed.signal)
  if (pauseWhenHidden) {
    const check = (): void => {
      if (isPageHidden()) setTimeout(() => isPageHidden() && drop('The page is hidden'), HIDDEN_MS)
    }
    onPageEvents(['visibilitychange'], check, closed.signal)
  }

  return {
    signal: line.signal,
    heard(allowedMs = silenceMs) {
      silenceMs = allowedMs
      heardAt = Date.now()
    },
    close() {
      closed.abort()
      clearInterval(timer)
    },
  }
}
