import type { VirtualClock } from './clock.ts'
import { type Claim, Producers } from './producers.ts'
import { createLog, formatOffset, parseOffset, type StreamLog } from './stream-log.ts'
import { type Outlet, serveEvents } from './server-sent-events.ts'

export interface ModelRequest {
  method: string
  /** Of the URL. */
  path: string
  query: URLSearchParams
  headers: Headers
  body: Uint8Array
  /** What the stream is called in an answer for many. */
  id?: string | undefined
}

export interface Answer {
  status: number
  headers: Record<string, string>
  body?: Uint8Array<ArrayBuffer>
  /** Instead of a body: writes events as they come. @returns what is called when the reader is gone. */
  events?: (outlet: Outlet) => () => void
}

export interface ModelServerOptions {
  clock: VirtualClock
  random: () => number
  /** Most messages (JSON) or bytes in one answer. */
  page: number
  longPollMs: number
  sseLifetimeMs: number
  onStored: (ids: readonly number[], tail: number) => void
}

/** What a network leads to. */
export interface Server {
  /** Gives the answer at once, or for a long-poll later. @returns what is called when the asker is gone. */
  handle: (request: ModelRequest, give: (answer: Answer) => void) => () => void
  /** The writer of this append was told that it is stored. */
  told: (request: ModelRequest) => void
}

const SUCCESS = { 'cache-control': 'no-store' }

// Longer than most files: the rules of the protocol stand together, as its page has them.
/** A server of one stream, in memory. The whole protocol as far as a client can tell. */
export class ModelServer implements Server {
  readonly options: ModelServerOptions
  log: StreamLog | undefined
  closed = false
  isDeleted = false
  readonly producers: Producers = new Producers()
  #contentType = ''
  #closer: string | undefined
  #watchers = new Set<() => void>()

  constructor(options: ModelServerOptions) {
    this.options = options
  }

  /** Calls back at every change, until what it returns is called. */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange)
    return () => void this.#watchers.delete(onChange)
  }

  handle(request: ModelRequest, give: (answer: Answer) => void): () => void {
    const { log } = this
    if (request.method === 'PUT' && !this.isDeleted) give(this.#create(request))
    else if (!log || this.isDeleted) give(refusal(404, 'There is no such stream'))
    else if (request.method === 'HEAD') give(this.#ok(200, log.tail))
    else if (request.method === 'POST') give(this.#append(log, request))
    else return this.#read(log, request, give)
    return () => undefined
  }

  told({ headers }: ModelRequest): void {
    const claim = claimOf(headers)
    if (claim) this.producers.told(claim)
  }

  /** What is stored stays known to witnesses alone. */
  delete(): void {
    this.isDeleted = true
    for (const onChange of this.#watchers) onChange()
  }

  /** Headers of an answer that reaches `to`, and says so. */
  at(to: number): Record<string, string> {
    const isTail = to === this.log!.tail
    return {
      'content-type': this.#contentType,
      'stream-next-offset': formatOffset(to),
      ...(isTail && { 'stream-up-to-date': 'true' }),
      ...(isTail && this.closed && { 'stream-closed': 'true' }),
    }
  }

  /** Where a page ends that begins at `from`. */
  pageEnd(from: number): number {
    return Math.min(this.log!.tail, from + this.options.page)
  }

  /** Protocol section 5: the number of the present 20 seconds, or past the one that was echoed. */
  cursorAfter(cursor: string | null): string {
    const present = Math.floor((this.options.clock.now - Date.UTC(2024, 9, 9)) / 20_000)
    const told = Number(cursor ?? 0)
    return String(told >= present ? told + 1 + Math.floor(this.options.random() * 180) : present)
  }

  #create({ headers, body }: ModelRequest): Answer {
    const isNew = !this.log
    if (isNew) {
      this.#contentType = headers.get('content-type') ?? 'application/octet-stream'
      this.log = createLog(this.#contentType)
      if (body.length > 0) this.log.append(body)
    }
    return this.#ok(isNew ? 201 : 200, this.log!.tail)
  }

  #ok(status: number, tail: number, more: Record<string, string> = {}): Answer {
    return { status, headers: { ...SUCCESS, ...this.at(tail), ...more } }
  }

  #append(log: StreamLog, { headers, body }: ModelRequest): Answer {
    const claim = claimOf(headers)
    const close = headers.get('stream-closed') === 'true'
    const refuse = (status: number, more: Record<string, string> = {}): Answer =>
      refusal(status, 'This append does not fit', { ...this.at(log.tail), ...more })
    const isCloser = claim !== undefined && this.#closer === tupleOf(claim)
    const verdict = claim ? this.producers.judge(claim) : { kind: 'accept' as const }

    switch (verdict.kind) {
      case 'duplicate':
        return this.#ok(204, log.tail, {
          'producer-epoch': String(verdict.epoch),
          'producer-seq': String(verdict.seq),
        })
      case 'stale':
        return refuse(403, { 'producer-epoch': String(verdict.epoch) })
      case 'bad-epoch':
        return refuse(400)
      case 'gap':
        return refuse(409, {
          'producer-expected-seq': String(verdict.expected),
          'producer-received-seq': String(claim!.seq),
        })
      case 'accept':
    }
    if (body.length === 0 && !close) return refuse(400)
    if (this.closed && body.length > 0 && !isCloser) return refuse(409)
    const expected = headers.get('stream-expected-offset')
    if (expected !== null && expected !== formatOffset(log.tail)) return refuse(409)
    const type = headers.get('content-type')
    if (body.length > 0 && type !== this.#contentType) return refuse(type === null ? 400 : 409)
    return this.#accept(log, { body, close, claim })
  }

  #accept(
    log: StreamLog,
    { body, close, claim }: { body: Uint8Array; close: boolean; claim: Claim | undefined },
  ): Answer {
    const ids = body.length > 0 ? log.append(body) : []
    if (close && !this.closed) {
      this.closed = true
      this.#closer = claim && tupleOf(claim)
    }
    if (claim) this.producers.accept(claim)
    this.options.onStored(ids, log.tail)
    for (const onChange of this.#watchers) onChange()
    const echo = claim && {
      'producer-epoch': String(claim.epoch),
      'producer-seq': String(claim.seq),
    }
    if (!claim || ids.length === 0) return this.#ok(204, log.tail, echo)
    return { ...this.#ok(200, log.tail, echo), body: new TextEncoder().encode('stored') }
  }

  #read(
    log: StreamLog,
    { query, headers, id }: ModelRequest,
    give: (answer: Answer) => void,
  ): () => void {
    const live = query.get('live')
    const offset = query.get('offset') ?? '-1'
    const from = offset === 'now' ? log.tail : parseOffset(offset)
    const nothing = (): void => undefined
    if (from === undefined || from > log.tail) {
      give(refusal(400, `"${offset}" is no offset of this stream`))
      return nothing
    }
    if (live === 'sse') {
      give(serveEvents(this, this.#contentType, from, { cursor: query.get('cursor'), id }))
      return nothing
    }
    if (live === 'long-poll') return this.#longPoll(log, from, query.get('cursor'), give)
    const answer = this.#page(log, from)
    const etag = `"${offset} ${answer.headers['stream-next-offset']} ${this.closed}"`
    const isKnown = headers.get('if-none-match') === etag
    Object.assign(answer.headers, { etag, 'cache-control': 'public, max-age=60' })
    give(isKnown ? { status: 304, headers: answer.headers } : answer)
    return nothing
  }

  #page(log: StreamLog, from: number): Answer {
    const to = this.pageEnd(from)
    return { status: 200, headers: this.at(to), body: log.wire(from, to) }
  }

  #longPoll(
    log: StreamLog,
    from: number,
    cursor: string | null,
    give: (answer: Answer) => void,
  ): () => void {
    const answer = (): void => {
      leave()
      if (this.isDeleted) return give(refusal(404, 'The stream was deleted'))
      const next = { 'stream-cursor': this.cursorAfter(cursor) }
      const page = from < log.tail ? this.#page(log, from) : this.#ok(204, from)
      give({ ...page, headers: { ...page.headers, ...next } })
    }
    const forget = this.watch(answer)
    const giveUp = this.options.clock.after(this.options.longPollMs, answer)
    const leave = (): void => {
      forget()
      giveUp()
    }
    if (from < log.tail || this.closed) answer()
    return leave
  }
}

function claimOf(headers: Headers): Claim | undefined {
  const id = headers.get('producer-id')
  if (id === null) return undefined
  const number = (name: string): number => Number(headers.get(name) ?? Number.NaN)
  return { id, epoch: number('producer-epoch'), seq: number('producer-seq') }
}

function tupleOf({ id, epoch, seq }: Claim): string {
  return `${id} ${epoch} ${seq}`
}

export function refusal(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  const body = new TextEncoder().encode(JSON.stringify({ error: { message } }))
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body }
}
