import type { Exchange } from '../exchange.ts'
import type { Tab } from './tab.ts'
import type { Witness } from '../witness.ts'
import type { Scene } from '../scene.ts'
import type { World } from '../world.ts'

/** Who has been live is told of what is stored within this time, whatever befell a tab, in milliseconds. */
const LATE_MS = 2000

/** The same where streams take turns. */
const LATE_IN_TURN_MS = 3000

/** More than one connection for the same streams is no transition if it is seen so often, a second apart. */
const SAMPLES = 4

export interface Listener {
  scene: Scene
  tab: Tab
  witness: Witness
  /** Told all there was, once. */
  isLive: boolean
}

/** Sees to it that those who share a connection are told in time, and share it. */
export class Punctuality {
  readonly listeners: Set<Listener> = new Set()
  readonly #world: World
  readonly #lateMs: number
  #accidents: number[] = []
  #crowded = 0

  constructor(world: World) {
    const { hasExtension } = world.plan.sharing!
    this.#world = world
    this.#lateMs = hasExtension ? LATE_MS : LATE_IN_TURN_MS
    if (hasExtension) world.clock.after(0, () => this.#sample())
  }

  /** A tab ends, or stops. */
  onAccident(): void {
    this.#accidents.push(this.#world.clock.now)
  }

  onStored(scene: Scene, tail: number): void {
    const { clock, fail, plan } = this.#world
    const storedAt = clock.now
    for (const listener of this.listeners) {
      const { tab, witness } = listener
      const { stops } = tab
      if (listener.scene !== scene || !listener.isLive || tab.isStopped) continue
      // Who stands still keeps its few connections from others.
      const takesTurns = plan.sharing!.isLimited && this.#isAnyStopped()
      clock.after(this.#lateMs, () => {
        const isThere = this.listeners.has(listener) && !tab.isDead && tab.stops === stops
        // One accident after the other takes longer.
        const recent = this.#accidents.filter((at) => at > storedAt - this.#lateMs)
        if (!isThere || takesTurns || scene.isDeleted || recent.length > 1) return
        if (witness.at < tail) {
          fail(`${tab.name} has ${scene.plan.name} to ${witness.at}, and ${tail} was there before`)
        }
      })
    }
  }

  #isAnyStopped(): boolean {
    return this.#world.browser!.tabs.some((tab) => tab.isStopped)
  }

  /** One connection for all with the same credentials, but for a moment. */
  #sample(): void {
    const { clock, network, browser, fail, plan } = this.#world
    const { connection, hasTabs, secrets, tabs } = plan.sharing!
    const groups = connection === 'browser' && hasTabs ? 1 : tabs
    const most = secrets === 'one for each stream' && plan.hasToken ? plan.streams.length : 1
    // A tab that stands still knows not that another one has taken its place.
    const going = browser!.tabs.filter((tab) => !tab.isStopped).map(({ name }) => name)
    const isOpen = ({ kind, user }: Exchange): boolean => kind === 'hub' && going.includes(user)
    const hubs = [...network.open].filter(isOpen).length
    this.#crowded = hubs > groups * most ? this.#crowded + 1 : 0
    if (this.#crowded === SAMPLES) fail(`${hubs} connections are open for the same streams`)
    clock.after(1000, () => this.#sample())
  }
}
