/** Lets one loop sleep until something may have changed. A ring between two waits is not lost. */
export interface Alarm {
  ring: () => void
  /** Resolves at the next ring, or at once if it rang since the last wait. */
  wait: () => Promise<void>
}

export function createAlarm(): Alarm {
  let rung = false
  let wake: (() => void) | undefined

  return {
    ring() {
      if (!wake) rung = true
      wake?.()
      wake = undefined
    },
    async wait() {
      if (!rung) await new Promise<void>((resolve) => (wake = resolve))
      rung = false
    },
  }
}
