/** Some Tuesday; any moment would do. */
const START_MS = Date.UTC(2030, 0, 1)

/** Node and browsers fire a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

interface Timer {
  at: number
  run: () => void
  isOver: boolean
}

/** Time that stands still while code runs, and goes on to the next timer when asked. */
export class VirtualClock {
  now: number = START_MS
  #lastId = 0
  /** Soonest last. */
  #timers: Timer[] = []
  #ofClient = new Map<number, Timer>()

  /** Milliseconds since the clock was made. */
  get elapsedMs(): number {
    return this.now - START_MS
  }

  /** How many timers the code under test has set, that have neither fired nor been cleared. */
  get clientTimers(): number {
    return this.#ofClient.size
  }

  /** @returns what calls it off. */
  after(ms: number, run: () => void): () => void {
    const timer = this.#add(ms, run)
    return () => {
      timer.isOver = true
    }
  }

  /** As the globals of those names. */
  setTimer(run: () => void, ms: number, isRepeated: boolean): number {
    const id = ++this.#lastId
    const delayMs = ms >= 1 && ms <= LONGEST_TIMER_MS ? Math.trunc(ms) : 1
    const fire = (): void => {
      if (isRepeated) this.#ofClient.set(id, this.#add(delayMs, fire))
      else this.#ofClient.delete(id)
      run()
    }
    this.#ofClient.set(id, this.#add(delayMs, fire))
    return id
  }

  clearTimer(id: number | undefined): void {
    const timer = id === undefined ? undefined : this.#ofClient.get(id)
    if (!timer) return
    timer.isOver = true
    this.#ofClient.delete(id!)
  }

  /** The machine sleeps: what is due meanwhile fires late. */
  sleep(ms: number): void {
    this.now += ms
  }

  /** Goes on to the next timer and fires it. @returns whether there was one. */
  step(): boolean {
    for (let timer = this.#timers.pop(); timer; timer = this.#timers.pop()) {
      if (timer.isOver) continue
      this.now = Math.max(this.now, timer.at)
      timer.run()
      return true
    }
    return false
  }

  #add(ms: number, run: () => void): Timer {
    const at = this.now + ms
    const timer: Timer = { at, run, isOver: false }
    // Before those of the same moment, so that the one set first fires first.
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#timers[middle]!.at > at) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
    return timer
  }
}
