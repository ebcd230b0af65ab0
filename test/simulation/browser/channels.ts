import type { Channel } from '../../../src/core/live/tabs/environment.ts'
import type { Chance } from '../chance.ts'
import type { VirtualClock } from '../clock.ts'
import type { RequestFault } from '../faults.ts'
import type { Tab } from './tab.ts'

export interface ChannelsOptions {
  clock: VirtualClock
  chance: Chance
  /** What goes wrong with one message on its way to one tab. */
  drawFault: () => RequestFault | undefined
}

interface End extends Channel {
  tab: Tab
  /** When what came last arrives: what comes after it arrives later. */
  lastAt: number
}

/** All channels of one browser. A message is copied when it is sent, and arrives in order unless it is late. */
export class Channels {
  readonly #options: ChannelsOptions
  readonly #ends = new Map<string, Set<End>>()

  constructor(options: ChannelsOptions) {
    this.#options = options
  }

  /** Of channels that are open. */
  get names(): string[] {
    return [...this.#ends].filter(([, ends]) => ends.size > 0).map(([name]) => name)
  }

  open(tab: Tab, name: string): Channel {
    const ends = this.#ends.get(name) ?? new Set()
    this.#ends.set(name, ends)
    const end: End = {
      tab,
      lastAt: 0,
      onmessage: null,
      postMessage: (message) => {
        if (!tab.isDead && !ends.has(end))
          throw new DOMException('Channel is closed', 'InvalidStateError')
        if (!tab.acts()) return
        for (const other of ends)
          if (other !== end) this.#send(ends, other, structuredClone(message))
      },
      close: () => void ends.delete(end),
    }
    ends.add(end)
    return end
  }

  /** A tab is gone. */
  release(tab: Tab): void {
    for (const ends of this.#ends.values()) {
      for (const end of ends) if (end.tab === tab) ends.delete(end)
    }
  }

  #send(ends: ReadonlySet<End>, to: End, data: unknown): void {
    const { clock, chance, drawFault } = this.#options
    const fault = drawFault()
    if (fault === 'message-lost') return
    const lateMs = fault ? chance.between(10, 3000) : 0
    const at = Math.max(to.lastAt, clock.now + (chance.happens(0.6) ? 0 : chance.between(1, 8)))
    if (!fault) to.lastAt = at
    clock.after(at + lateMs - clock.now, () =>
      to.tab.gate(() => {
        if (ends.has(to)) to.onmessage?.({ data })
      }),
    )
  }
}
