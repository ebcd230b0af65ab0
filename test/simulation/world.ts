import { setMaxListeners } from 'node:events'
import type * as Core from '../../src/core/index.ts'
import { Browser } from './browser/browser.ts'
import { Punctuality } from './browser/punctuality.ts'
import { type Chance, createChance } from './chance.ts'
import type { ClientModule } from './client.ts'
import { VirtualClock } from './clock.ts'
import type { Exchange } from './exchange.ts'
import { drawFault, drawMemberRefusal, type Fault, type RequestFault } from './faults.ts'
import { ModelHost } from './model-host.ts'
import type { MemberFault } from './model-hub.ts'
import type { Server } from './model-server.ts'
import { Network } from './network.ts'
import { drawPlan, type Plan } from './plan.ts'
import { RequestRate } from './request-rate.ts'
import { Scene } from './scene.ts'
import { drawSharedPlan } from './sharing-plan.ts'

/** Two of so many seeds are about what shares connections. */
const SHARED_OF = 10

/** One seed's server, network, browser, clock, readers and writers. */
export class World {
  readonly core: typeof Core
  readonly chance: Chance
  readonly plan: Plan
  readonly clock: VirtualClock = new VirtualClock()
  readonly shared: AbortController = new AbortController()
  /** Whoever is in a tab is told there that all is aborted. */
  readonly onAbort: Set<() => void> = new Set()
  /** How many requests of a user may be open at once, if more than one. */
  readonly mostOpen: Map<string, number> = new Map()
  readonly signals: Map<string, AbortSignal> = new Map()
  readonly faults: Map<Fault, number> = new Map()
  readonly scenes: Scene[]
  readonly network: Network
  readonly rate: RequestRate
  readonly browser: Browser | undefined
  readonly punctuality: Punctuality | undefined
  readonly trace: (line: string) => void
  failure: string | undefined
  hasForgotten = false
  /** When the machine slept last. */
  wokeAt = 0
  readonly #host: ModelHost | undefined
  readonly #involved = new Set<string>()
  #underWay = 0

  constructor(client: ClientModule, seed: number, trace?: (line: string) => void) {
    const chance = createChance(seed)
    const { clock } = this
    // All who are at it share it.
    setMaxListeners(0, this.shared.signal)
    this.core = client.core
    this.chance = chance
    this.plan = seed % SHARED_OF < 2 ? drawSharedPlan(chance) : drawPlan(chance)
    this.trace = trace
      ? (line) => trace(`${(clock.elapsedMs / 1000).toFixed(3).padStart(9)}  ${line}`)
      : () => undefined
    this.rate = new RequestRate(this.fail)
    this.scenes = this.plan.streams.map((stream) => new Scene(this, stream))
    this.#host = this.plan.sharing && this.#createHost()
    const server: Server = this.#host ?? this.scenes[0]!.server
    this.network = new Network({
      ...{ clock, chance, server, mix: this.plan.mix, trace: this.trace },
      happened: this.happened,
      onDeath: () => this.restart(true),
      onRequest: (exchange) => this.#onRequest(exchange),
    })
    this.browser = this.plan.sharing && new Browser(this, client)
    if (this.plan.sharing?.isCalm) this.punctuality = new Punctuality(this)
  }

  /** The first thing that went wrong is what counts. */
  fail = (what: string): void => {
    this.trace(`✗ ${what}`)
    this.failure ??= what
  }

  happened = (fault: Fault): void => {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1)
  }

  sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      this.clock.after(ms, resolve)
    })

  /** What goes wrong with a part of what is shared, if anything does. */
  drawFault(kind: 'member' | 'message'): RequestFault | undefined {
    if (this.network.isHealed) return undefined
    const fault = drawFault(this.plan.mix, kind, this.chance)
    if (fault) {
      this.happened(fault)
      this.trace(`⚡ ${fault}`)
    }
    return fault
  }

  /** From now on nothing goes wrong. */
  heal(): void {
    this.trace('── from here on nothing goes wrong')
    this.network.heal()
    this.browser?.heal()
  }

  #createHost(): ModelHost {
    const { clock, chance, plan, scenes } = this
    const { hasExtension, extensionEndsMs } = plan.sharing!
    const inUrl = (name: string): string => name.split('/').map(encodeURIComponent).join('/')
    const ofPath = new Map(scenes.map((scene) => [inUrl(scene.plan.name), scene]))
    const host = new ModelHost({
      ...{ clock, chance, hasExtension, fail: this.fail },
      streams: new Map([...ofPath].map(([path, { server }]) => [path, server])),
      secretOf: (path) => ofPath.get(path)?.secret,
      hubLifetimeMs: plan.sseLifetimeMs,
      drawFault: () => this.#drawMemberFault(),
    })
    if (!hasExtension) this.happened('no-extension')
    if (extensionEndsMs !== undefined) {
      clock.after(extensionEndsMs, () => {
        this.happened('extension-gone')
        this.trace('── the server loses its extension')
        host.hasExtension = false
      })
    }
    return host
  }

  #drawMemberFault(): MemberFault | undefined {
    const fault = this.drawFault('member')
    if (fault === 'member-refused')
      return { kind: 'refused', answer: drawMemberRefusal(this.chance) }
    return fault && { kind: 'ended', after: this.chance.between(0, 4) }
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
    if (!isForgetful) return
    const forgotten = this.scenes.map(({ server }) => server.producers.forget())
    if (forgotten.every((count) => count === 0)) return
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
