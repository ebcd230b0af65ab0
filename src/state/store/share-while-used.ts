export interface Shared {
  /** @returns a function that leaves. */
  enter: () => () => void
  /** Starts again what has ended by itself, if somebody uses it. */
  wake: () => void
  /** Whether it had users, and has none now. */
  isReleased: () => boolean
}

/**
 * Runs something for as long as it has users: starts with the first, and ends a moment after the
 * last has left, so that one who leaves and comes straight back (React's StrictMode) finds it open.
 * What ends by itself starts again with the next user; the signal stays the same until it aborts.
 */
export function shareWhileUsed(
  run: (signal: AbortSignal) => Promise<void>,
  releaseAfterMs: number,
): Shared {
  let users = 0
  let wasUsed = false
  let isRunning = false
  let controller: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function wake(): void {
    if (isRunning || users === 0) return
    isRunning = true
    const current = (controller ??= new AbortController())
    void run(current.signal).finally(() => {
      if (controller === current) isRunning = false
    })
  }

  function stop(): void {
    controller?.abort()
    controller = undefined
    isRunning = false
  }

  return {
    wake,
    isReleased: () => wasUsed && users === 0,
    enter() {
      users++
      wasUsed = true
      clearTimeout(timer)
      wake()
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        if (--users === 0) timer = setTimeout(stop, releaseAfterMs)
      }
    },
  }
}
