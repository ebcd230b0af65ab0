/**
 * Tells the platform of an error in a callback of the user's, which must stop nothing: as an
 * uncaught error where there is a `reportError` (browsers, workers), on the console elsewhere.
 */
export function reportError(error: unknown): void {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
  // oxlint-disable-next-line no-console -- Node has no other place for it that does not end the process.
  else console.error(error)
}

/** `callback`, with what it throws or rejects with reported instead. */
export function guarded<Args extends unknown[]>(
  callback: ((...args: Args) => unknown) | undefined,
): (...args: Args) => void {
  if (!callback) return () => {}
  return (...args) => {
    try {
      const result = callback(...args) as { then?: unknown } | undefined
      if (typeof result?.then === 'function') {
        Promise.resolve(result as PromiseLike<unknown>).catch(reportError)
      }
    } catch (error) {
      reportError(error)
    }
  }
}
