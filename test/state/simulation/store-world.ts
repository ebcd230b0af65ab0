import { type Chance, createChance } from '../../simulation/chance.ts'
import type { VirtualClock } from '../../simulation/clock.ts'
import { garbage } from './list-app.ts'
import { NaiveFold } from './naive-fold.ts'
import { FAIR_WEATHER, type Weather } from './simulated-line.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import { SimulatedServer } from './simulated-server.ts'
import { StorePage } from './store-page.ts'
import type { Plan, Step } from './store-plan.ts'
import { inTime, pass, type Reports } from './virtual-time.ts'

/** After so many virtual milliseconds of fair weather all must be at rest. */
const PATIENCE_MS = 120_000

/** Some pages that share a stream, from the first event of a plan to the rest after the last. */
export class StoreWorld {
  readonly plan: Plan
  readonly chance: Chance
  readonly clock: VirtualClock
  readonly server: SimulatedServer = new SimulatedServer()
  readonly pages: StorePage[] = []
  /** Pages that were closed. */
  readonly gone: StorePage[] = []
  weather: Weather
  wasReset = false
  /** What was refused may be stored nevertheless, and then what was computed from it counts as well. */
  isUnsure = false
  /** Ids that were among the failures of any page. */
  readonly failed: Set<string> = new Set()
  /** Ids that a user has tried again: they have no place among the others any more. */
  readonly retried: Set<string> = new Set()
  /** A page may have writes of one that is closed. */
  get mayAdopt(): boolean {
    return this.plan.keeps === 'all' && this.gone.length > 0
  }

  /** What went wrong first. */
  failure: string | undefined
  readonly #reports: Reports
  readonly #disks = new Map<string, SimulatedDisk>()
  readonly #folds: NaiveFold[] = []
  #strangers = 0

  constructor(plan: Plan) {
    this.plan = plan
    this.chance = createChance(plan.seed)
    this.weather = plan.weather
    const { clock, reports } = inTime(this.chance)
    this.clock = clock
    this.#reports = reports
    for (let i = 0; i < plan.pages; i++) this.#open(`p${i}`)
  }

  fail = (what: string): void => {
    this.failure ??= what
  }

  /** What the log of a life means. */
  fold(life: number): NaiveFold {
    this.#folds[life] ??= new NaiveFold(this.plan.kind, this.server.lives[life - 1]!)
    return this.#folds[life]
  }

  #open(name: string): StorePage {
    const page = new StorePage(this, name, this.#diskOf(name))
    this.pages.push(page)
    page.come()
    return page
  }

  /** Pages of one name are of one browser, one after the other; the first two are open side by side. */
  #diskOf(name: string): SimulatedDisk {
    const browser = name.replace(/'+$/, '').replace('p1', 'p0')
    const disk = this.#disks.get(browser) ?? new SimulatedDisk(this.clock, this.chance)
    this.#disks.set(browser, disk)
    return disk
  }

  async run(): Promise<void> {
    for (const step of this.plan.steps) {
      await pass(step.afterMs)
      this.#happen(step)
      for (const page of this.pages) page.check()
      if (this.failure) return
    }
    this.weather = FAIR_WEATHER
    for (const page of this.pages) page.come()
    await this.#rest()
  }

  /** No write of a page that is gone waits on the disk for another one to find it. */
  get #isNothingLeft(): boolean {
    return [...this.#disks.values()].every(({ journals }) =>
      [...journals.keys()].every((name) => !name.startsWith('outbox:')),
    )
  }

  async #rest(): Promise<void> {
    const end = this.clock.now + PATIENCE_MS
    do {
      await pass(50)
      for (const page of this.pages) page.check()
      if (this.failure) return
    } while (
      this.clock.now < end &&
      !(this.pages.every((page) => page.isAtRest) && this.#isNothingLeft)
    )
    for (const page of this.pages) {
      if (page.isAtRest) continue
      const { pending, status, offset } = page.store
      const state = JSON.stringify({ pending, status, offset, tail: this.server.tail })
      this.fail(`${page.name} never comes to rest: ${state}`)
    }
  }

  #happen({ page: nth, event }: Step): void {
    const index = nth % this.pages.length
    const page = this.pages[index]!
    switch (event.do) {
      case 'foreign':
        return this.#write(this.#foreign(event.isNamed))
      case 'garbage': {
        const all = garbage(this.plan.kind)
        return this.#write(all[event.nth % all.length])
      }
      case 'reset':
        this.wasReset = true
        return this.#write({ headers: { control: 'reset' } })
      case 'lose':
        // What is on its way for two visits may be stored in two lives of the stream.
        if (this.plan.isLossy && this.plan.keeps !== 'all') this.server.lose()
        return
      case 'weather':
        this.weather = event.weather
        return
      case 'reload':
        page.kill()
        this.gone.push(page)
        this.pages.splice(index, 1)
        this.pages.splice(index, 0, this.#reopen(page))
        return
      case 'leave':
        return page.leave()
      case 'come':
        return page.come()
      case 'retry':
        return page.retry()
      case 'dismiss':
        return page.dismiss()
      default:
        return page.call(event)
    }
  }

  #reopen({ name }: StorePage): StorePage {
    const page = this.#open(`${name}'`)
    this.pages.pop()
    return page
  }

  /** Somebody writes who uses no store. */
  #write(event: unknown): void {
    this.server.create()
    this.server.append(`stranger ${++this.#strangers}`, [JSON.stringify(event)], false)
  }

  #foreign(isNamed: boolean): unknown {
    const id = `stranger ${this.#strangers}`
    // Versions without a name are numbered anew once the stream is lost: what was on its way and was
    // computed from such a one could be taken for what was computed from another.
    const hasName = isNamed || this.server.losses > 0
    const headers = { operation: 'upsert', ...(hasName && { txid: id }) }
    if (this.plan.kind === 'state') return { type: 'state', key: 'value', value: [id], headers }
    const value = { do: this.chance.pick(['add', 'poison', 'fragile', 'clear']), id }
    return { type: 'action', key: id, value, headers }
  }

  get reports(): Reports {
    return this.#reports
  }
}
