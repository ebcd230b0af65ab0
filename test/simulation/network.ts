import { Cache } from './cache.ts'
import type { Chance } from './chance.ts'
import type { VirtualClock } from './clock.ts'
import { Exchange } from './exchange.ts'
import {
  drawFault,
  drawHubRefusal,
  drawRefusal,
  type Fault,
  type Mix,
  type RequestFault,
} from './faults.ts'
import type { Tab } from './browser/tab.ts'
import type { Answer, Server } from './model-server.ts'

export interface NetworkOptions {
  clock: VirtualClock
  chance: Chance
  server: Server
  mix: Mix
  /** Told of every fault that happens. */
  happened: (fault: Fault) => void
  trace: (line: string) => void
  /** Told when the server dies: its restart is up to the world. */
  onDeath: () => void
  /** Told before each request. */
  onRequest: (exchange: Exchange) => void
}

/** A network on which all may go wrong that does, as a `fetch` for each of its users. */
export class Network {
  readonly open: Set<Exchange> = new Set()
  readonly #options: NetworkOptions
  readonly #cache = new Cache()
  readonly #tabs = new Map<Exchange, Tab>()
  readonly #killed = new Set<string>()
  #requests = 0
  #restarts = 0
  /** Whether its caches answer also who asks to be answered by none. */
  readonly #isRude: boolean
  isHealed = false
  #outage: 'outage' | 'black-hole' | undefined

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#isRude = options.chance.happens(0.5)
  }

  /** From now on nothing goes wrong. */
  heal(): void {
    this.isHealed = true
    this.#outage = undefined
  }

  /** Nothing gets through for a while. */
  fall(kind: 'outage' | 'black-hole', forMs: number): void {
    const { clock, happened } = this.#options
    if (this.isHealed) return
    happened(kind)
    this.#outage = kind
    if (kind === 'outage') this.#breakAll()
    clock.after(forMs, () => {
      this.#outage = undefined
    })
  }

  /** Every connection is reset, and what was under way to the server is lost. */
  restart(): void {
    this.#options.happened('restart')
    this.#restarts++
    this.#breakAll()
  }

  /** The process of a user ends: no answer reaches it, and nothing it asks for leaves it. */
  kill(user: string): void {
    this.#killed.add(user)
    for (const exchange of this.open) if (exchange.user === user) exchange.isDeaf = true
  }

  /** A tab ends: its connections do too. */
  close(tab: Tab): void {
    for (const [exchange, of] of this.#tabs) {
      if (of === tab) exchange.drop()
    }
  }

  /**
   * A `fetch` whose requests are known by a name.
   *
   * @param tab where it is called, if in one
   */
  fetchAs(user: string, tab?: Tab): typeof fetch {
    const gate = tab ? tab.gate : (run: () => void): void => run()
    return (input, init = {}) =>
      new Promise((resolve, reject) => {
        init.signal?.throwIfAborted()
        if (tab?.isDead) return
        const url = new URL(input instanceof Request ? input.url : input)
        const exchange: Exchange = new Exchange({
          ...this.#options,
          ...{ number: ++this.#requests, user, url, init, resolve, reject },
          gate,
          onOver: () => {
            this.open.delete(exchange)
            this.#tabs.delete(exchange)
          },
        })
        this.open.add(exchange)
        if (tab) this.#tabs.set(exchange, tab)
        if (this.#killed.has(user)) return
        this.#options.onRequest(exchange)
        this.#send(exchange)
      })
  }

  #breakAll(): void {
    for (const exchange of [...this.open]) exchange.break()
  }

  #send(exchange: Exchange): void {
    const { chance, mix, trace } = this.#options
    const fault = this.isHealed ? undefined : drawFault(mix, exchange.kind, chance)
    const hindrance = this.#outage ?? fault
    trace(`${exchange} ${exchange.question}${hindrance ? ` ⚡ ${hindrance}` : ''}`)
    // Never no time at all: who asks again and again shall be seen to.
    const wayMs = chance.between(1, 40)
    if (this.#outage === 'outage') this.#later(wayMs, () => exchange.break())
    else if (this.#outage === undefined) this.#sendThrough(exchange, fault, wayMs)
  }

  #sendThrough(exchange: Exchange, fault: RequestFault | undefined, wayMs: number): void {
    const { clock, chance, happened, onDeath } = this.#options
    const lateMs = chance.between(500, fault === 'overtaken' ? 20_000 : 8000)
    const happens = (): void => happened(fault!)
    switch (fault) {
      case 'refused':
        happens()
        return this.#later(wayMs, () => exchange.break())
      case 'unavailable':
      case 'rate-limited':
      case 'try-again':
        happens()
        // Not even a refusal need be whole.
        if (chance.happens(0.2)) exchange.fault = chance.pick(['body-cut', 'body-stalled'])
        return this.#later(wayMs, () =>
          exchange.answer(drawRefusal(fault, clock.now, chance, happened)),
        )
      case 'hung':
        happens()
        return chance.happens(0.5) ? this.#arrive(exchange, wayMs, () => undefined) : undefined
      case 'reply-lost':
        happens()
        return this.#arrive(exchange, wayMs, () => exchange.break())
      case 'server-died':
        happens()
        return this.#arrive(exchange, wayMs, () => onDeath())
      case 'gateway-error': {
        happens()
        const answer = { status: chance.pick([502, 504]), headers: {} }
        return this.#arrive(exchange, wayMs, () => exchange.answer(answer))
      }
      case 'hub-refused':
        happens()
        return this.#later(wayMs, () => exchange.answer(drawHubRefusal(chance)))
      case 'slow':
      case 'overtaken':
        happens()
        return this.#arrive(exchange, lateMs)
      case 'repeated':
        happens()
        this.#arrive(exchange, lateMs, () => undefined)
        return this.#arrive(exchange, wayMs)
      case 'stale-answer':
      case 'query-ignored':
        if (this.#answerFromCache(exchange, fault, wayMs)) return happens()
        return this.#arrive(exchange, wayMs)
      default:
        exchange.fault = fault
        return this.#arrive(exchange, wayMs)
    }
  }

  #later(ms: number, run: () => void): void {
    this.#options.clock.after(ms, run)
  }

  /** The request reaches the server, also when its sender has given up, unless the server restarts before. */
  #arrive(exchange: Exchange, afterMs: number, give?: () => void): void {
    const { chance, server } = this.#options
    const restarts = this.#restarts
    this.#later(afterMs, () => {
      if (restarts !== this.#restarts || (exchange.isOver && exchange.kind !== 'POST')) return
      const leave = server.handle(exchange.request, (answer) => {
        if (give) return give()
        const backMs = chance.happens(0.5) ? 0 : chance.between(1, 40)
        if (backMs === 0) this.#deliver(exchange, answer)
        else this.#later(backMs, () => this.#deliver(exchange, answer))
      })
      if (exchange.isOver) leave()
      else if (!give) exchange.onLeave = leave
    })
  }

  #deliver(exchange: Exchange, answer: Answer): void {
    if (exchange.isOver || exchange.isDeaf) return
    if (exchange.kind === 'GET') this.#cache.keep(exchange.url.href, answer)
    exchange.answer(answer)
    if (exchange.kind === 'POST' && answer.status < 300) this.#options.server.told(exchange.request)
  }

  #answerFromCache(exchange: Exchange, fault: RequestFault, afterMs: number): boolean {
    const { chance } = this.#options
    const { url } = exchange
    const kept =
      fault === 'stale-answer'
        ? this.#cache.stale(url.href)
        : this.#cache.confused(url, !exchange.asksPastCaches)
    if (kept.length === 0 || (exchange.asksPastCaches && !this.#isRude)) return false
    this.#later(afterMs, () => exchange.answer(chance.pick(kept)))
    return true
  }
}
