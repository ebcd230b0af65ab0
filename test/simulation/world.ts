import type * as Core from '../../src/core/index.ts'
import { type Chance, createChance } from './chance.ts'
import { VirtualClock } from './clock.ts'
import type { Exchange } from './exchange.ts'
import type { Fault } from './faults.ts'
import { Ledger } from './ledger.ts'
import { ModelServer } from './model-server.ts'
import { Network } from './network.ts'
import { drawPlan, type Plan } from './plan.ts'
import { RequestRate } from './request-rate.ts'
import type { StreamLog } from './stream-log.ts'

export type ClientModule = typeof Core

/** One seed's server, network, clock, readers and writers. */
export class World {
  readonly core: ClientModule
  readonly chance: Chance
  readonly plan: Plan
  readonly clock: VirtualClock = new VirtualClock()
  readonly shared: AbortController = new AbortController()
  /** How many requests of a user may be open at once, if more than one. */
  readonly mostOpen: Map<string, number> = new Map()
  readonly signals: Map<string, AbortSignal> = new Map()
  readonly faults: Map<Fault, number> = new Map()
  readonly server: ModelServer
  readonly network: Network
  readonly ledger: Ledger
  readonly rate: RequestRate
  readonly trace: (line: string) => void
  failure: string | undefined
  hasForgotten = false
  readonly isCreated: Promise<void>
  created!: () => void
  readonly #involved = new Set<string>()
  #underWay = 0

  constructor(core: ClientModule, seed: number, trace?: (line: string) => void) {
    const chance = createChance(seed)
    const { clock } = this
    this.core = core
    this.chance = chance
    this.plan = drawPlan(chance)
    this.trace = trace
      ? (line) => trace(`${(clock.elapsedMs / 1000).toFixed(3).padStart(9)}  ${line}`)
      : () => undefined
    this.ledger = new Ledger(this.fail)
    this.rate = new RequestRate(this.fail)
    this.server = new ModelServer({
      clock,
      random: chance.random,
      ...this.plan,
      onStored: (ids, tail) => {
        this.trace(`stored: ${ids}, tail ${tail}`)
        this.ledger.onStored(ids, tail)
      },
    })
    this.network = new Network({
      ...{ clock, chance, server: this.server, mix: this.plan.mix, trace: this.trace },
      happened: this.happened,
      onDeath: () => this.restart(true),
      onRequest: (exchange) => this.#onRequest(exchange),
    })
    this.isCreated = new Promise((resolve) => {
      this.created = resolve
    })
  }

  /** The first thing that went wrong is what counts. */
  fail = (what: string): void => {
    this.trace(`✗ ${what}`)
    this.failure ??= what
  }

  happened = (fault: Fault): void => {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
  }

  log = (): StreamLog => this.server.log!

  sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.clock.after(ms, resolve)
    })

  endpointOf = (name: string): Core.EndpointOptions => {
    const { timeoutMs, hasToken } = this.plan
    const token = async (): Promise<string> => {
      if (this.network.isHealed || !this.chance.happens(0.1)) return 'secret'
      this.happened('token-failed')
      throw new Error('No token')
    }
    return {
      url: 'http://127.0.0.1:4437/v1/stream/simulated',
      fetch: this.network.fetchAs(name),
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(hasToken && { headers: { authorization: token } }),
    }
  }

  #onRequest(exchange: Exchange): void {
    const { user, request } = exchange
    this.rate.count(exchange)
    if (request.method === 'HEAD') return
    let open = 0
    for (const other of this.network.open) {
      if (other.user === user && other.request.method === request.method) open++
    }
    const most = this.mostOpen.get(user) ?? 1
    if (open > most) this.fail(`${user} has ${open} requests open, not at most ${most}`)
  }

  /** The server restarts, and may have forgotten its producers. */
  restart(isForgetful: boolean): void {
    this.network.restart()
    if (!isForgetful || this.server.producers.forget() === 0) return
    this.hasForgotten = true
    this.happened('producer-forgotten')
  }

  /** Those who are still at it. */
  waiting(): ReadonlySet<string> {
    return this.#involved
  }

  /** The world ends when all who are involved have. */
  async involve(name: string, work: Promise<void>): Promise<void> {
    this.#involved.add(name)
    await work.catch((error: unknown) => this.fail(`${name} broke: ${String(error)}`))
    this.#involved.delete(name)
  }

  /** Goes on by itself. */
  background(work: Promise<unknown>): void {
    this.#underWay++
    void work.finally(() => this.#underWay--)
  }

  /** What goes on by itself has ended. */
  async idle(): Promise<void> {
    while (this.#underWay > 0 && !this.failure) await this.sleep(10)
  }
}
