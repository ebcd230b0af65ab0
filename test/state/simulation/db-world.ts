import { type Chance, createChance } from '../../simulation/chance.ts'
import type { VirtualClock } from '../../simulation/clock.ts'
import {
  COUNTERS,
  firstEvents,
  GARBAGE,
  newRow,
  pairEvents,
  PAIRS,
  schema,
  UNFIT,
} from './db-app.ts'
import { DbPage } from './db-page.ts'
import { materialize, type Picture } from './db-picture.ts'
import type { Plan, Step } from './db-plan.ts'
import { FAIR_WEATHER, type Weather } from './simulated-line.ts'
import { SimulatedServer } from './simulated-server.ts'
import { inTime, pass, type Reports } from './virtual-time.ts'

/** After so many virtual milliseconds of fair weather all must be at rest. */
const PATIENCE_MS = 120_000

const UNFIT_TEXTS = new Set(UNFIT.map((event) => JSON.stringify(event)))

/** Some databases on one stream, from the first event of a plan to the rest after the last. */
export class DbWorld {
  readonly plan: Plan
  readonly chance: Chance
  readonly clock: VirtualClock
  readonly reports: Reports
  readonly server: SimulatedServer = new SimulatedServer()
  readonly pages: DbPage[] = []
  readonly gone: DbPage[] = []
  weather: Weather
  failure: string | undefined
  readonly #models = new Map<string, Picture>()
  #strangers = 0

  constructor(plan: Plan) {
    this.plan = plan
    this.chance = createChance(plan.seed)
    this.weather = plan.weather
    const { clock, reports } = inTime(this.chance)
    this.clock = clock
    this.reports = reports
    this.#write(...firstEvents())
    for (let i = 0; i < plan.pages; i++) this.pages.push(new DbPage(this, `page${i}`))
  }

  fail = (what: string): void => {
    this.failure ??= what
  }

  /** The rows after so many events of the present life. */
  modelAt(position: number): Picture {
    const key = `${this.server.losses} ${position}`
    const model = this.#models.get(key) ?? this.#materialize(position)
    this.#models.set(key, model)
    return { users: new Map(model.users), rooms: new Map(model.rooms) }
  }

  #materialize(position: number): Picture {
    const events = this.server.log.slice(0, position).map(({ text }) => {
      const event = JSON.parse(text) as { type: string }
      // It counts among the changes, and changes nothing that the schema knows.
      return UNFIT_TEXTS.has(text) ? { ...event, type: 'unfit' } : event
    })
    return materialize(events)
  }

  async run(): Promise<void> {
    for (const step of this.plan.steps) {
      await pass(step.afterMs)
      this.#happen(step)
      await pass(0)
      for (const page of this.pages) page.check()
      if (this.failure) return
    }
    this.weather = FAIR_WEATHER
    const end = this.clock.now + PATIENCE_MS
    do {
      await pass(50)
      for (const page of this.pages) page.check()
      if (this.failure) return
    } while (this.clock.now < end && !this.pages.every((page) => page.isAtRest))
    for (const { isAtRest, name, db, made } of this.pages) {
      if (isAtRest) continue
      const open = made.filter(({ isOver }) => !isOver).map(({ id, call }) => `${id} ${call.do}`)
      const state = JSON.stringify({ status: db.status.current, offset: db.offset, open })
      this.fail(`${name} never comes to rest: ${state}, the tail is ${this.server.tail}`)
    }
  }

  #happen({ page: nth, event }: Step): void {
    const index = nth % this.pages.length
    const page = this.pages[index]!
    switch (event.do) {
      case 'foreign':
        return this.#write(
          ...pairEvents(event.operation, PAIRS[event.pair]!, `stranger ${this.#strangers}`),
        )
      case 'foreign-row': {
        const key = COUNTERS[event.row % COUNTERS.length]!
        const stamp = `stranger ${this.#strangers}`
        const headers = event.isNamed ? { txid: stamp } : {}
        return this.#write(schema.users.upsert({ value: newRow(key, stamp), headers }))
      }
      case 'garbage': {
        const all = [...GARBAGE, ...UNFIT]
        return this.#write(all[event.nth % all.length])
      }
      case 'reset':
        return this.#write({ headers: { control: 'reset' } })
      case 'snapshot':
        return this.#snapshot(event.isWhole)
      case 'lose':
        return this.server.lose()
      case 'weather':
        this.weather = event.weather
        return
      case 'reload':
        page.kill()
        this.gone.push(page)
        this.pages[index] = new DbPage(this, `${page.name}'`)
        return
      default:
        return page.call(event)
    }
  }

  /** Somebody tells the whole picture, or half of it: what is not named is gone. */
  #snapshot(isWhole: boolean): void {
    const { users } = this.modelAt(this.server.log.length)
    const rows = [...users.values()].filter(({ id }) => !PAIRS.includes(id as never))
    const kept = isWhole ? rows : rows.slice(1)
    this.#write(
      { headers: { control: 'snapshot-start' } },
      ...kept.map((value) => schema.users.insert({ value })),
      ...pairEvents('insert', PAIRS[1], `stranger ${this.#strangers}`),
      { headers: { control: 'snapshot-end' } },
    )
  }

  #write(...events: unknown[]): void {
    this.server.create()
    const texts = events.map((event) => JSON.stringify(event))
    this.server.append(`stranger ${++this.#strangers}`, texts, false)
  }
}
