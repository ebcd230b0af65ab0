/** Some Tuesday; any moment would do. */
const START_MS = Date.UTC(2030, 0, 1)

/** Node and browsers fire a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

interface Timer {
  at: number
  run: () => void
  isOver: boolean
  owner?: Owner | undefined
}

/** Who set a timer, and may be unable to run when it is due. */
export interface Owner {
  /** Runs it now, later, or never. */
  gate: (run: () => void) => void
  readonly isDead: boolean
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
  setTimer(run: () => void, ms: number, isRepeated: boolean, owner?: Owner): number {
    const id = ++this.#lastId
    if (owner?.isDead) return id
    const delayMs = ms >= 1 && ms <= LONGEST_TIMER_MS ? Math.trunc(ms) : 1
    const set = (): void => {
      const timer = this.#add(delayMs, () => (owner ? owner.gate(fire) : fire()))
      const fire = (): void => {
        // What waits for its turn can still be cleared.
        if (this.#ofClient.get(id) !== timer) return
        if (isRepeated) set()
        else this.#ofClient.delete(id)
        run()
      }
      timer.owner = owner
      this.#ofClient.set(id, timer)
    }
    set()
    return id
  }

  /** Clears all timers of one that is no more. */
  forget(owner: Owner): void {
    for (const [id, timer] of this.#ofClient) if (timer.owner === owner) this.clearTimer(id)
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
