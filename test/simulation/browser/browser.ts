import { createHash } from 'node:crypto'
import type { ClientModule } from '../client.ts'
import type { Fault } from '../faults.ts'
import type { Accident } from '../sharing-plan.ts'
import type { World } from '../world.ts'
import { Channels } from './channels.ts'
import { Locks } from './locks.ts'
import { currentTab, Tab } from './tab.ts'

/** What a page listens to for as long as it is there. */
const PAGE_EVENTS = 4

/** Some tabs of one origin, with what they have in common, and what becomes of them. */
export class Browser {
  readonly tabs: Tab[] = []
  readonly locks: Locks
  readonly channels: Channels
  readonly #world: World
  readonly #client: ClientModule
  readonly #waiting: (() => void)[] = []
  readonly #frozen = new WeakSet<Tab>()
  #opened = 0
  #steps = 0

  constructor(world: World, client: ClientModule) {
    const { clock, chance, plan } = world
    const { tabs, accidents } = plan.sharing!
    this.#world = world
    this.#client = client
    this.locks = new Locks(clock, chance)
    this.channels = new Channels({ clock, chance, drawFault: () => world.drawFault('message') })
    for (let slot = 0; slot < tabs; slot++) this.#open(slot)
    for (const accident of accidents) {
      if (accident.atMs !== undefined) clock.after(accident.atMs, () => this.#befall(accident))
    }
    client.routeLive((request) => {
      const tab = currentTab()
      if (!tab?.has(request.send)) return request.send(request.target, request.init)
      return tab.live({ ...request, send: tab.send })
    })
  }

  /** The tab of that number, once there is one. */
  async at(slot: number): Promise<Tab> {
    while (this.tabs[slot]!.isDead)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.tabs[slot]!
  }

  /** From now on all tabs live. */
  heal(): void {
    for (const tab of [...this.tabs]) {
      if (tab.isDead) this.#open(tab.slot)
      else if (tab.isStopped) tab.wake(this.#frozen.delete(tab))
    }
  }

  /** What the browser holds for its tabs. */
  get left(): string[] {
    const listening = this.tabs.filter((tab) => tab.listeners > PAGE_EVENTS)
    return [
      ...this.locks.names.map((name) => `the lock ${name}`),
      ...this.channels.names.map((name) => `the channel ${name}`),
      ...listening.map(({ name, listeners }) => `${listeners} listeners of ${name}`),
    ]
  }

  #open(slot: number): void {
    const { clock, network, plan, trace } = this.#world
    const name = `tab ${slot}.${++this.#opened}`
    const tab: Tab = new Tab({ name, slot, clock, network, onStep: (of) => this.#onStep(of) })
    const { hasTabs, isLimited } = plan.sharing!
    const readers = plan.streams.flatMap((stream) => stream.readers)
    this.#world.rate.allow(name, readers.length)
    this.#world.mostOpen.set(name, readers.length * 2)
    const tabs = {
      locks: this.locks.of(tab),
      openChannel: (channel: string) => this.channels.open(tab, channel),
      digest: async (text: string) => createHash('sha256').update(text).digest('base64'),
      send: tab.send,
      isHidden: () => false,
      onPageEvents: tab.onPageEvents,
    }
    const environment = { tabs: hasTabs ? tabs : undefined, isLimited: () => isLimited }
    tab.live = tab.run(() => this.#client.createLiveFetch(environment))
    this.tabs[slot] = tab
    trace(`── ${name} is open`)
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #onStep(tab: Tab): void {
    this.#steps++
    for (const accident of this.#world.plan.sharing!.accidents) {
      if (accident.atMs !== undefined || accident.atStep !== this.#steps) continue
      const { clock } = this.#world
      // No event interrupts code that runs; a crash does.
      if (accident.fate === 'crashed') this.#happen(tab, accident)
      else clock.after(0, () => this.#happen(tab, accident))
    }
  }

  #befall(accident: Accident): void {
    const living = this.tabs.filter((tab) => !tab.isDead)
    if (living.length === 0) return
    const leader = living.find((tab) => this.#leads(tab))
    const tab = accident.who === 'leader' ? (leader ?? living[0]!) : this.#world.chance.pick(living)
    this.#happen(tab, accident)
  }

  #leads(tab: Tab): boolean {
    for (const { user, isLive } of this.#world.network.open)
      if (isLive && user === tab.name) return true
    return false
  }

  #happen(tab: Tab, { fate, forMs }: Accident): void {
    const { network, clock, happened, trace, chance } = this.#world
    if (network.isHealed || tab.isDead || tab.isStopped) return
    const fault: Fault = `${this.#leads(tab) ? 'leader' : 'follower'}-${fate}`
    happened(fault)
    trace(`── ${tab.name} is ${fate} (${fault}) for ${forMs} ms`)
    this.#world.punctuality?.onAccident()
    const isEnd = fate === 'closed' || fate === 'crashed'
    if (fate === 'closed') tab.tell('pagehide')
    if (fate === 'frozen') {
      tab.tell('freeze')
      this.#frozen.add(tab)
    }
    if (!isEnd) tab.stop()
    else if (fate === 'crashed' || chance.happens(0.5)) this.#end(tab)
    else clock.after(0, () => this.#end(tab))
    const returns = chance.happens(0.7)
    clock.after(forMs, () => this.#after(tab, returns))
  }

  #after(tab: Tab, returns: boolean): void {
    if (!tab.isDead && !tab.isStopped) return
    if (tab.isDead) {
      if (this.tabs[tab.slot] === tab) this.#open(tab.slot)
    } else if (returns || this.#world.network.isHealed) {
      this.#world.trace(`── ${tab.name} goes on`)
      tab.wake(this.#frozen.delete(tab))
    } else {
      this.#end(tab)
      this.#open(tab.slot)
    }
  }

  #end(tab: Tab): void {
    if (tab.isDead) return
    this.#world.trace(`── ${tab.name} is gone`)
    tab.die()
    this.locks.release(tab)
    this.channels.release(tab)
  }
}
