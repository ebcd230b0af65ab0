/** Sees how long the event loop is kept from taking a turn. */
export interface EventLoopProbe {
  /** The longest time between two turns so far, in milliseconds. */
  longestMs(): number
  stop(): void
}

/** Web APIs only: it runs in a page as well. Messages, since timers are late by themselves. */
export function probeEventLoop(): EventLoopProbe {
  const { port1, port2 } = new MessageChannel()
  let last = performance.now()
  let longest = 0
  function look(): void {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  port1.onmessage = () => {
    look()
    port2.postMessage(undefined)
  }
  port2.postMessage(undefined)
  return {
    longestMs() {
      look()
      return longest
    },
    stop: () => port1.close(),
  }
}
