import { AsyncLocalStorage } from 'node:async_hooks'
import type { TabsEnvironment } from '../../../src/core/live/tabs/environment.ts'
import type { LiveFetch } from '../../../src/core/live/live-fetch.ts'
import type { VirtualClock } from '../clock.ts'
import type { Network } from '../network.ts'

/** In whose tab code runs: what it sets and asks for is that tab's. */
const tabs = new AsyncLocalStorage<Tab>()

export function currentTab(): Tab | undefined {
  return tabs.getStore()
}

/** No code runs in a tab any more: what asks for the current one need not be told for a while. */
export function forgetTabs(): void {
  tabs.disable()
}

export interface TabOptions {
  name: string
  /** Which of the browser's tabs this is; one that is opened again has the number of the one before. */
  slot: number
  clock: VirtualClock
  network: Network
  /** Told when its code does something that others notice. */
  onStep: (tab: Tab) => void
}

/** One page of a browser: its code runs, waits, or is gone with all that it had. */
export class Tab {
  readonly name: string
  readonly slot: number
  readonly died: Promise<'died'>
  /** What its live reads have in common. */
  live!: LiveFetch
  isDead = false
  /** How often it stopped for a while. */
  stops = 0
  readonly #options: TabOptions
  readonly #send: typeof fetch
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #fetches = new WeakSet<typeof fetch>()
  #waiting: (() => void)[] | undefined
  #onDeath!: (how: 'died') => void

  constructor(options: TabOptions) {
    const { name, slot, network } = options
    this.name = name
    this.slot = slot
    this.#options = options
    this.#send = network.fetchAs(name, this)
    this.died = new Promise((resolve) => {
      this.#onDeath = resolve
    })
  }

  get isStopped(): boolean {
    return this.#waiting !== undefined
  }

  get listeners(): number {
    let count = 0
    for (const listeners of this.#listeners.values()) count += listeners.size
    return count
  }

  /** Runs what is the tab's own. */
  run<Result>(work: () => Result): Result {
    return tabs.run(this, work)
  }

  /** What comes from outside runs when the tab can, in the order in which it came. */
  gate = (run: () => void): void => {
    if (this.isDead) return
    if (this.#waiting) this.#waiting.push(run)
    else this.run(run)
  }

  /** Its code does something that others notice, unless it is gone. @returns whether they may. */
  acts(): boolean {
    if (this.isDead) return false
    this.#options.onStep(this)
    return !this.isDead
  }

  /** A `fetch` for one user of the page; what it reads live is asked for by all together. */
  fetchAs(user: string): typeof fetch {
    const own = this.#options.network.fetchAs(user, this)
    this.#fetches.add(own)
    return own
  }

  has(send: typeof fetch): boolean {
    return this.#fetches.has(send)
  }

  /** The page's `fetch`, of whoever asks. */
  readonly send: typeof fetch = (input, init) => {
    if (this.acts()) return this.#send(input, init)
    return new Promise(() => undefined)
  }

  /** As the tab's code sleeps. */
  sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.#options.clock.after(ms, () => this.gate(resolve))
    })

  /** None of its code runs from here on. */
  stop(): void {
    this.stops++
    this.#waiting ??= []
  }

  /** The page is told first, if it was when it stopped. */
  wake(isFrozen: boolean): void {
    if (isFrozen) this.gate(() => this.tell('resume'))
    this.goOn()
  }

  goOn(): void {
    if (this.isDead || !this.#waiting) return
    const next = this.#waiting.shift()
    if (!next) {
      this.#waiting = undefined
      return
    }
    this.run(next)
    this.#options.clock.after(0, () => this.goOn())
  }

  die(): void {
    if (this.isDead) return
    this.isDead = true
    const { clock, network } = this.#options
    this.#waiting = undefined
    network.close(this)
    clock.forget(this)
    this.#onDeath('died')
  }

  /** An event of the page. */
  tell(type: string): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) this.run(listener)
  }

  readonly onPageEvents: TabsEnvironment['onPageEvents'] = (types, listener, signal) => {
    for (const type of types) {
      const listeners = this.#listeners.get(type) ?? new Set()
      this.#listeners.set(type, listeners.add(listener))
      signal.addEventListener('abort', () => void listeners.delete(listener), { once: true })
    }
  }
}
