/**
 * Lets timers, input and painting have a turn. A message instead of a timer, since timers wait for
 * at least 4 ms when nested, and for a second in a hidden tab.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
