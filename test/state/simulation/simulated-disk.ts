import { createLocalLocks } from '../../../src/state/persistence/local-locks.ts'
import type { Journal, Persistence, Release } from '../../../src/state/persistence/persistence.ts'
import type { Chance } from '../../simulation/chance.ts'
import type { VirtualClock } from '../../simulation/clock.ts'

/** What one tab sees of a disk. */
export interface Mount {
  persistence: Persistence
  /** The tab dies: of what is under way, in order, only the first part happens, or nothing, or all. */
  kill: () => void
}

/** What a browser keeps for its tabs. Nothing on it happens at once. */
export class SimulatedDisk {
  readonly journals: Map<string, readonly string[]> = new Map()
  readonly #lock = createLocalLocks()
  readonly #clock: VirtualClock
  readonly #chance: Chance

  constructor(clock: VirtualClock, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
  }

  mount(): Mount {
    const underWay: (() => void)[] = []
    const held = new Set<Release>()
    const death = new AbortController()
    let isDead = false
    let freeAt = 0

    /** One after the other, each after a moment; told of only while the tab lives. */
    const later = <Result>(act: () => Result): Promise<Result> =>
      new Promise((resolve) => {
        if (isDead) return
        let result: Result
        const happen = (): void => void (result = act())
        underWay.push(happen)
        freeAt = Math.max(freeAt, this.#clock.now) + this.#chance.between(0, 15)
        this.#clock.after(freeAt - this.#clock.now, () => {
          if (isDead) return
          underWay.shift()
          happen()
          resolve(result)
        })
      })

    const persistence: Persistence = {
      open: (name) => later(() => this.#open(name, later)),
      list: (prefix) =>
        later(() => [...this.journals.keys()].filter((name) => name.startsWith(prefix))),
      lock: async (name, { wait, signal }) => {
        const both = signal ? AbortSignal.any([signal, death.signal]) : death.signal
        const release = await this.#lock(name, { wait, signal: both })
        if (isDead) release?.()
        else if (release) held.add(release)
        await later(() => undefined)
        return release
      },
    }
    return {
      persistence,
      kill: () => {
        isDead = true
        const done = this.#chance.between(0, underWay.length)
        for (const happen of underWay.slice(0, done)) happen()
        death.abort(new Error('The tab is dead'))
        for (const release of held) release()
      },
    }
  }

  #open(name: string, later: <Result>(act: () => Result) => Promise<Result>): Journal {
    const put = (records: readonly string[]): void => {
      if (records.length > 0) this.journals.set(name, records)
      else this.journals.delete(name)
    }
    const records = (): readonly string[] => this.journals.get(name) ?? []
    return {
      read: () => later(records),
      append: (more) => later(() => put([...records(), ...more])),
      replace: (all) => later(() => put([...all])),
      close: () => later(() => undefined),
    }
  }
}
