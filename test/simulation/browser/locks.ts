import type { Locks as LocksOfTab } from '../../../src/core/live/tabs/environment.ts'
import type { Chance } from '../chance.ts'
import type { VirtualClock } from '../clock.ts'
import type { Tab } from './tab.ts'

interface Request {
  name: string
  tab: Tab
  callback: (lock: unknown) => unknown
  resolve: (value: unknown) => void
  reject: (reason: unknown) => void
  /** It waits no more. */
  onLeave: () => void
}

/** The Web Locks of one browser. What a tab had is free soon after the tab is gone. */
export class Locks {
  readonly #clock: VirtualClock
  readonly #chance: Chance
  readonly #held = new Map<string, Request>()
  readonly #queues = new Map<string, Request[]>()

  constructor(clock: VirtualClock, chance: Chance) {
    this.#clock = clock
    this.#chance = chance
  }

  /** Names of the locks that are held or waited for. */
  get names(): string[] {
    const waited = [...this.#queues].filter(([, queue]) => queue.length > 0)
    return [...this.#held.keys(), ...waited.map(([name]) => name)]
  }

  of(tab: Tab): LocksOfTab {
    return { request: (name, options, callback) => this.#request(tab, name, options, callback) }
  }

  #request(
    tab: Tab,
    name: string,
    { ifAvailable, steal, signal }: Parameters<LocksOfTab['request']>[1],
    callback: Request['callback'],
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      if (!tab.acts()) return
      const abandon = (): void => {
        if (this.#leave(request)) reject(signal!.reason)
      }
      const onLeave = (): void => signal?.removeEventListener('abort', abandon)
      const request: Request = { name, tab, callback, resolve, reject, onLeave }
      signal?.addEventListener('abort', abandon)
      this.#queue(name).push(request)
      this.#later(() => {
        const queue = this.#queue(name)
        if (!queue.includes(request)) return
        if (steal) {
          this.#leave(request)
          this.#rob(name)
          this.#grant(request)
        } else if (ifAvailable && (this.#held.has(name) || queue[0] !== request)) {
          this.#leave(request)
          this.#call(request, null)
        } else this.#next(name)
      })
    })
  }

  /** A tab is gone. */
  release(tab: Tab): void {
    this.#clock.after(this.#chance.between(0, 100), () => {
      for (const queue of this.#queues.values()) {
        for (const request of queue.filter((waiting) => waiting.tab === tab)) this.#leave(request)
      }
      for (const [name, holder] of [...this.#held]) if (holder.tab === tab) this.#free(holder, name)
    })
  }

  #queue(name: string): Request[] {
    const queue = this.#queues.get(name) ?? []
    this.#queues.set(name, queue)
    return queue
  }

  /** @returns whether it waited. */
  #leave(request: Request): boolean {
    const queue = this.#queue(request.name)
    const place = queue.indexOf(request)
    if (place < 0) return false
    queue.splice(place, 1)
    request.onLeave()
    return true
  }

  #later(run: () => void): void {
    this.#clock.after(this.#chance.happens(0.5) ? 0 : this.#chance.between(1, 5), run)
  }

  #rob(name: string): void {
    const holder = this.#held.get(name)
    if (!holder) return
    this.#held.delete(name)
    const reason = new DOMException('Lock broken by another request', 'AbortError')
    holder.tab.gate(() => holder.reject(reason))
  }

  #next(name: string): void {
    const [first] = this.#queue(name)
    if (!first || this.#held.has(name)) return
    this.#leave(first)
    this.#grant(first)
  }

  #grant(request: Request): void {
    this.#held.set(request.name, request)
    this.#call(request, { name: request.name, mode: 'exclusive' })
  }

  #call(request: Request, lock: unknown): void {
    const { tab, callback, resolve, reject, name } = request
    const settle = (act: () => void): void => {
      if (!tab.acts() && lock) return
      this.#later(() => {
        if (lock) this.#free(request, name)
        tab.gate(act)
      })
    }
    tab.gate(() => {
      void Promise.resolve()
        .then(() => callback(lock))
        .then(
          (value) => settle(() => resolve(value)),
          (reason: unknown) => settle(() => reject(reason)),
        )
    })
  }

  #free(holder: Request, name: string): void {
    if (this.#held.get(name) !== holder) return
    this.#held.delete(name)
    this.#next(name)
  }
}
