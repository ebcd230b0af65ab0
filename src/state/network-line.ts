/** A connection's signal that also aborts when the browser's network comes or goes. */
export interface NetworkLine {
  readonly signal: AbortSignal
  /** Whether the network changed: what was open then is not to be trusted. */
  hasChanged: () => boolean
  /** Frees its listeners. */
  close: () => void
}

type Listen = (type: string, listener: () => void, options: { signal: AbortSignal }) => void

/**
 * Opens a line below `signal`. Browsers keep a dead connection open for minutes after the network
 * went, and do not say so to its reader; but they say `offline` and `online` to the page.
 */
export function openNetworkLine(signal: AbortSignal): NetworkLine {
  const line = new AbortController()
  const closed = new AbortController()
  let isChanged = false

  const change = (): void => {
    isChanged = true
    line.abort(new DOMException('The network changed', 'AbortError'))
  }
  const end = (): void => line.abort(signal.reason)
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { signal: closed.signal })
  // Workers and pages have these events; Node has none.
  const page = globalThis as { addEventListener?: Listen }
  for (const type of ['offline', 'online']) page.addEventListener?.(type, change, closed)

  return { signal: line.signal, hasChanged: () => isChanged, close: () => closed.abort() }
}
