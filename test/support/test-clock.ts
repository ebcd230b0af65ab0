/** A clock that stands still until it is moved, and timers that go by it. */
export interface TestClock {
  /** Milliseconds since 1970. */
  now: () => number
  set: (callback: () => void, delayMs: number) => unknown
  clear: (timer: unknown) => void
  /** Moves on, and fires on the way what is due, in order. */
  advance: (ms: number) => void
  /** How long until each timer fires, in milliseconds, soonest first. */
  readonly delays: readonly number[]
}

interface Timer {
  at: number
  callback: () => void
}

export function createTestClock(start: number = Date.UTC(2030, 0, 1)): TestClock {
  const timers = new Set<Timer>()
  let now = start

  return {
    now: () => now,
    set(callback, delayMs) {
      const timer = { at: now + delayMs, callback }
      timers.add(timer)
      return timer
    },
    clear: (timer) => void timers.delete(timer as Timer),
    advance(ms) {
      const end = now + ms
      for (let due = soonest(end); due; due = soonest(end)) {
        timers.delete(due)
        now = Math.max(now, due.at)
        due.callback()
      }
      now = end
    },
    get delays() {
      return [...timers].map(({ at }) => at - now).sort((a, b) => a - b)
    },
  }

  function soonest(end: number): Timer | undefined {
    const due = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
    return due[0]
  }
}
