import type { StreamError } from '../../../src/core/errors.ts'
import {
  createSharedStore,
  setStateReducer,
  type SharedStore,
} from '../../../src/state/store/index.ts'
import { type Chance, createChance } from '../../simulation/chance.ts'
import type { VirtualClock } from '../../simulation/clock.ts'
import { drawMix, SHARING_FAULTS } from '../../simulation/faults.ts'
import { HOST_ROOT, ModelHost } from '../../simulation/model-host.ts'
import { ModelServer } from '../../simulation/model-server.ts'
import { Network } from '../../simulation/network.ts'
import type { JsonLog } from '../../simulation/stream-log.ts'
import { type Action, addTo, EMPTY, idOf, type List, reduceList } from './list-app.ts'
import { NaiveFold } from './naive-fold.ts'
import type { Plan, Step } from './store-plan.ts'
import { inTime, pass, type Reports } from './virtual-time.ts'

const NAME = 'simulated'
/** Servers may ask to wait for a minute, again and again. */
const PATIENCE_MS = 900_000

interface Page {
  name: string
  store: SharedStore<List, Action>
  made: string[]
  errors: StreamError[]
  leave: (() => void) | undefined
}

/**
 * Shared stores as users open them, with all that is below them, against the model of a server on a
 * network on which all may go wrong.
 */
export class NetworkWorld {
  failure: string | undefined
  readonly #plan: Plan
  readonly #chance: Chance
  readonly #clock: VirtualClock
  readonly #reports: Reports
  readonly #server: ModelServer
  readonly #network: Network
  readonly #pages: Page[] = []
  readonly #gone: Page[] = []
  /** The server forgot who had written what: a write of unknown fate fails then. */
  #hasForgotten = false

  constructor(plan: Plan) {
    const chance = createChance(plan.seed)
    const { clock, reports } = inTime(chance)
    this.#plan = plan
    this.#chance = chance
    this.#clock = clock
    this.#reports = reports
    this.#server = new ModelServer({
      ...{ clock, random: chance.random },
      page: chance.pick([1, 3, 100]),
      longPollMs: chance.pick([2000, 20_000]),
      sseLifetimeMs: chance.pick([3000, 60_000]),
      onStored: () => undefined,
    })
    const host = new ModelHost({
      ...{ clock, chance, fail: (what) => this.#fail(what) },
      streams: new Map([[NAME, this.#server]]),
      secretOf: () => undefined,
      hubLifetimeMs: chance.pick([3000, 60_000]),
      hasExtension: chance.happens(0.5),
      drawFault: () => undefined,
    })
    const mix = new Map([...drawMix(chance), ...drawMix(chance, SHARING_FAULTS)])
    this.#network = new Network({
      ...{ clock, chance, server: host, mix },
      happened: () => undefined,
      trace: () => undefined,
      onDeath: () => this.#restart(true),
      onRequest: () => undefined,
    })
    for (let i = 0; i < Math.min(plan.pages, 4); i++) this.#pages.push(this.#open(`p${i}`))
  }

  async run(): Promise<void> {
    for (const step of this.#plan.steps) {
      await pass(step.afterMs)
      this.#happen(step)
    }
    this.#network.heal()
    for (const page of this.#pages) page.leave ??= page.store.subscribe(() => undefined)
    const end = this.#clock.now + PATIENCE_MS
    do await pass(1000)
    while (this.#clock.now < end && !this.#pages.every((page) => this.#isAtRest(page)))
    this.#check()
  }

  #open(name: string): Page {
    const errors: StreamError[] = []
    const options = {
      url: HOST_ROOT + NAME,
      fetch: this.#network.fetchAs(name),
      initialState: EMPTY,
      onError: (error: StreamError) => void errors.push(error),
    }
    const store =
      this.#plan.kind === 'state'
        ? createSharedStore<List>({ ...options, reducer: setStateReducer })
        : createSharedStore<List, Action>({ ...options, reducer: reduceList })
    const page: Page = { name, store: store as never, made: [], errors, leave: undefined }
    page.leave = store.subscribe(() => undefined)
    return page
  }

  get #log(): JsonLog {
    return this.#server.log as JsonLog
  }

  #isAtRest({ store }: Page): boolean {
    const { pending, status, offset } = store
    return pending === 0 && status.kind === 'live' && Number(offset) === this.#log.tail
  }

  #happen({ page: nth, event }: Step): void {
    const index = nth % this.#pages.length
    const page = this.#pages[index]!
    const id = `${page.name}:${page.made.length}`
    switch (event.do) {
      case 'update':
        page.made.push(id)
        return page.store.update(addTo(id))
      case 'dispatch':
        page.made.push(id)
        return page.store.dispatch({ do: 'add', id })
      case 'weather':
        return this.#befall()
      case 'reload':
        this.#network.kill(page.name)
        this.#gone.push(page)
        this.#pages[index] = this.#open(`${page.name}'`)
        return
      case 'leave':
        page.leave?.()
        page.leave = undefined
        return
      case 'come':
        page.leave ??= page.store.subscribe(() => undefined)
        return
      default:
    }
  }

  #befall(): void {
    const what = this.#chance.pick(['outage', 'black-hole', 'restart', 'forgetful'] as const)
    if (what === 'restart' || what === 'forgetful') return this.#restart(what === 'forgetful')
    this.#network.fall(what, this.#chance.between(100, 60_000))
  }

  #restart(isForgetful: boolean): void {
    this.#network.restart()
    if (isForgetful && this.#server.producers.forget() > 0) this.#hasForgotten = true
  }

  #fail(what: string): void {
    this.failure ??= what
  }

  #check(): void {
    const log = this.#log.items.map((text) => ({ text, request: '' }))
    const fold = new NaiveFold(this.#plan.kind, log)
    const right = JSON.stringify(fold.at(log.length).state)
    const times = new Map<string, number>()
    for (const { id } of fold.counted) times.set(id, (times.get(id) ?? 0) + 1)
    for (const { what } of fold.faults) this.#fail(what)
    for (const page of this.#pages) {
      const { pending, status, offset, getSnapshot } = page.store
      if (!this.#isAtRest(page)) {
        const state = JSON.stringify({ pending, status, offset, tail: this.#log.tail })
        this.#fail(`${page.name} never comes to rest: ${state}`)
      }
      const real = JSON.stringify(getSnapshot().state)
      if (real !== right) this.#fail(`${page.name} shows ${real}, not ${right}`)
      this.#checkCalls(page, times)
    }
    const all = fold.counted.map(({ id }) => id)
    for (const { name, made } of [...this.#pages, ...this.#gone]) {
      const stored = all.filter((id) => id.split(':')[0] === name)
      // A proxy with an old copy may hide from a writer that the server, which has forgotten it, stored.
      const own = this.#hasForgotten ? [...new Set(stored)] : stored
      if (own.join() !== made.filter((id) => times.has(id)).join()) {
        this.#fail(`${name} wrote ${made.join()}, and they count as ${own.join()}`)
      }
    }
    for (const error of [...this.#reports.reported, ...this.#reports.unhandled]) {
      this.#fail(`nobody caught ${String(error)}`)
    }
  }

  #checkCalls({ name, made, store }: Page, times: ReadonlyMap<string, number>): void {
    const failed = new Set(store.failures.map(({ action }) => idOf(action)))
    if (failed.size > 0 && !this.#hasForgotten) {
      this.#fail(`${name} was refused: ${String(store.failures[0]!.error)}`)
    }
    for (const id of made) {
      if (!times.has(id) && !failed.has(id)) this.#fail(`${id} is lost`)
    }
  }
}
