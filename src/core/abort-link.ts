/** A controller that `signal` aborts too. Once it is aborted, `signal` holds nothing of it. */
export function linkedController(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal!.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort)
  // By hand: Node 20 forgets listeners that were to go with a signal, and keeps them for ever.
  controller.signal.addEventListener('abort', () => signal?.removeEventListener('abort', abort))
  return controller
}
