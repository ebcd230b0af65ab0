/** A controller that `signal` aborts too. Once it is aborted, `signal` holds nothing of it. */
export function linkedController(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal!.reason)
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, controller)
  return controller
}
