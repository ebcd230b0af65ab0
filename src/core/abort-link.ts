/**
 * A controller that `signal` aborts too. Once it is aborted, `signal` holds nothing of it.
 *
 * @param onAbort is called then, at once if `signal` is aborted already.
 */
export function linkedController(
  signal: AbortSignal | undefined,
  onAbort?: (reason: unknown) => void,
): AbortController {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal!.reason)
  // By hand: Node 20 forgets listeners that were to go with a signal, and keeps them for ever.
  controller.signal.addEventListener('abort', () => {
    signal?.removeEventListener('abort', abort)
    onAbort?.(controller.signal.reason)
  })
  signal?.addEventListener('abort', abort)
  if (signal?.aborted) abort()
  return controller
}
