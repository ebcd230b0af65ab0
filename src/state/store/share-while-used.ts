export interface Shared {
  /** @returns a function that leaves. */
  enter: () => () => void
  /** Whether it had users, and has none now. */
  isReleased: () => boolean
}

/**
 * Runs something for as long as it has users: starts with the first, and ends a moment after the
 * last has left, so that one who leaves and comes straight back (React's StrictMode) finds it open.
 */
export function shareWhileUsed(
  run: (signal: AbortSignal) => Promise<void>,
  releaseAfterMs: number,
): Shared {
  let users = 0
  let wasUsed = false
  let controller: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function start(): void {
    const current = new AbortController()
    controller = current
    void run(current.signal).finally(() => {
      // Ended by itself: the next user starts it again.
      if (controller === current) controller = undefined
    })
  }

  function stop(): void {
    controller?.abort(new DOMException('Nobody uses it any more', 'AbortError'))
    controller = undefined
  }

  return {
    isReleased: () => wasUsed && users === 0,
    enter() {
      users++
      wasUsed = true
      clearTimeout(timer)
      if (!controller) start()
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        if (--users === 0) timer = setTimeout(stop, releaseAfterMs)
      }
    },
  }
}
