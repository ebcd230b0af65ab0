import type { Chance } from './chance.ts'
import type { VirtualClock } from './clock.ts'
import type { Fault, RequestFault } from './faults.ts'
import type { Answer, ModelRequest } from './model-server.ts'
import type { Outlet } from './server-sent-events.ts'
import { HUB_PATH } from './model-host.ts'
import { isOfEvents, spoiledOutlet } from './spoiled-outlet.ts'
import { parseOffset } from './stream-log.ts'
import { Wire } from './wire.ts'

export interface ExchangeOptions {
  clock: VirtualClock
  chance: Chance
  happened: (fault: Fault) => void
  trace: (line: string) => void
  number: number
  user: string
  url: URL
  init: RequestInit
  resolve: (response: Response) => void
  reject: (reason: unknown) => void
  onOver: () => void
  /** The client may be unable to take what comes. */
  gate: (run: () => void) => void
}

const NULL_BODY: ReadonlySet<number> = new Set([204, 304])

/** One request of a client and its answer, as the client sees them. */
export class Exchange {
  readonly user: string
  readonly url: URL
  readonly kind: 'POST' | 'GET' | 'sse' | 'hub'
  readonly request: ModelRequest
  readonly startedAt: number
  /** What goes wrong with its body. */
  fault: RequestFault | undefined
  isOver = false
  /** Nothing reaches the client any more. */
  isDeaf = false
  /** Called when the client is gone or has all. */
  onLeave: () => void = () => undefined
  #options: ExchangeOptions
  #wire: Wire | undefined
  #isClean = true
  #broughtNews = false

  constructor(options: ExchangeOptions) {
    const { url, init, user, clock } = options
    this.#options = options
    this.user = user
    this.url = url
    this.startedAt = clock.now
    const method = init.method ?? 'GET'
    const isSse = url.searchParams.get('live') === 'sse'
    const isHub = url.pathname === HUB_PATH
    this.kind = isHub ? 'hub' : method === 'GET' ? (isSse ? 'sse' : 'GET') : 'POST'
    const body = bytesOf(init.body)
    const { pathname: path, searchParams: query } = url
    this.request = { method, path, query, headers: new Headers(init.headers), body }
    init.signal?.addEventListener('abort', this.#abort)
  }

  /** It was answered whole and well, and brought what was not there before. */
  get wasProductive(): boolean {
    return this.isOver && this.#isClean && this.#broughtNews
  }

  get asksPastCaches(): boolean {
    return ['no-store', 'reload', 'no-cache'].includes(this.#options.init.cache ?? 'default')
  }

  /** Whether it is a live read: it takes a connection for long. */
  get isLive(): boolean {
    return this.kind === 'hub' || this.url.searchParams.has('live')
  }

  /** The connection breaks. */
  break(): void {
    this.#options.gate(() => {
      if (this.isDeaf) return
      this.#isClean = false
      this.#end(new TypeError('fetch failed'))
    })
  }

  /** The client is no more. */
  drop(): void {
    if (this.isOver) return
    this.isDeaf = true
    this.#over()
  }

  answer(answer: Answer): void {
    this.#options.gate(() => this.#answer(answer))
  }

  #answer({ status, headers, body, events }: Answer): void {
    if (this.isOver || this.isDeaf) return
    this.#trace(`← ${status} ${describe(headers)}`)
    if (status >= 300) this.#isClean = false
    this.#reached(headers['stream-next-offset'])
    const { method } = this.request
    const hasBody = !NULL_BODY.has(status) && method !== 'HEAD'
    const { clock, chance, happened, resolve, url, gate } = this.#options
    const onSplitCharacter = (): void => happened('character-split')
    if (hasBody)
      this.#wire = new Wire({ clock, chance, gate, onOver: () => this.#over(), onSplitCharacter })
    const response = new Response(this.#wire?.stream ?? null, { status, headers })
    Object.defineProperty(response, 'url', { value: url.href })
    resolve(response)
    if (!this.#wire) return this.#over()
    if (events) this.onLeave = events(this.#outlet(this.#wire))
    else this.#sendBody(this.#wire, body ?? new Uint8Array())
    if (this.isOver) this.onLeave()
  }

  #sendBody(wire: Wire, body: Uint8Array<ArrayBuffer>): void {
    const { chance, happened } = this.#options
    const isSpoiled = this.fault === 'body-cut' || this.fault === 'body-stalled'
    if (!isSpoiled) {
      wire.send(body)
      return wire.end()
    }
    this.#isClean = false
    happened(this.fault!)
    const length = chance.between(0, body.length)
    this.#trace(`⚡ ${this.fault} after ${length} of ${body.length} bytes`)
    wire.send(body.slice(0, length))
    if (this.fault === 'body-cut') wire.break()
  }

  #outlet(wire: Wire): Outlet {
    const sound: Outlet = {
      write: (bytes, what, next) => {
        this.#reached(next)
        this.#broughtNews ||= this.kind === 'hub' && what === 'data'
        wire.send(bytes)
      },
      end: () => wire.end(),
    }
    const { fault } = this
    if (!isOfEvents(fault)) return sound
    const { chance, happened } = this.#options
    return spoiledOutlet(fault, sound, chance, (what) => {
      this.#isClean = false
      happened(fault)
      this.#trace(`⚡ ${fault}: ${what}`)
      if (what === 'broken') wire.break()
      else if (what === 'ended') wire.end()
      // Its server knows nothing of a line that fell silent.
      if (what !== 'silent') this.onLeave()
    })
  }

  #reached(offset: string | undefined): void {
    const { query, method } = this.request
    if (offset === undefined) return
    const before = parseOffset(query.get('offset') ?? '-1') ?? Infinity
    this.#broughtNews ||= method === 'POST' || (parseOffset(offset) ?? 0) > before
  }

  #abort = (): void => {
    this.#isClean = false
    this.#trace('✕ given up by the client')
    this.#end(this.#options.init.signal!.reason)
  }

  #end(reason: unknown): void {
    if (this.isOver) return
    if (this.#wire) this.#wire.fail(reason)
    else {
      this.#over()
      this.#options.reject(reason)
    }
  }

  #over(): void {
    if (this.isOver) return
    this.isOver = true
    this.#options.init.signal?.removeEventListener('abort', this.#abort)
    this.onLeave()
    this.#options.onOver()
  }

  #trace(what: string): void {
    this.#options.trace(`${this.toString()} ${what}`)
  }

  toString(): string {
    return `${this.user} #${this.#options.number}`
  }

  /** For the trace. */
  get question(): string {
    const { method, query, headers, body } = this.request
    if (this.kind === 'hub') return `hub ${query} ${new TextDecoder().decode(body)}`
    const seq = headers.get('producer-seq')
    const producer = seq && ` as ${headers.get('producer-id')?.slice(0, 4)} seq ${seq}`
    const length = body.length > 0 ? ` ${body.length} bytes` : ''
    const cache = this.asksPastCaches ? ` (${this.#options.init.cache})` : ''
    const close = headers.get('stream-closed') ? ' and close' : ''
    return `${method} ${query}${producer ?? ''}${length}${close}${cache}`
  }
}

function describe(headers: Record<string, string>): string {
  const { 'stream-next-offset': next, 'retry-after': wait } = headers
  const flags = ['stream-up-to-date', 'stream-closed'].filter((name) => headers[name])
  return [next && `next ${next}`, wait !== undefined && `retry-after "${wait}"`, ...flags]
    .filter(Boolean)
    .join(', ')
}

function bytesOf(body: BodyInit | null | undefined): Uint8Array {
  if (body === null || body === undefined) return new Uint8Array()
  if (typeof body === 'string') return new TextEncoder().encode(body)
  if (body instanceof Uint8Array) return body
  throw new Error('A request has a body of a kind that the simulation does not know')
}
