export interface Bell {
  ring(): void
  /** Until it rings, at most `ms` milliseconds. */
  wait(ms: number): Promise<void>
}

/** Wakes all who wait for a change. */
export function createBell(): Bell {
  const wakes = new Set<() => void>()

  return {
    ring() {
      for (const wake of wakes) wake()
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          wakes.delete(wake)
          resolve()
        }
        const timer = setTimeout(wake, ms)
        wakes.add(wake)
      }),
  }
}
