import { joinBytes } from '../../../src/core/decode.ts'
import { createUtf8Decoder } from '../../../src/core/text.ts'

/** A request that the server was sent. */
export interface Asked {
  path: string
  kind: 'plain' | 'long-poll' | 'sse'
  at: number
}

/** A server in memory that answers each stream by itself, at the other end of a slow wire. */
export interface TurnsServer {
  /** For live reads, whose connections are counted, and for all others. */
  liveFetch: typeof fetch
  fetch: typeof fetch
  /** Live requests: all that came, those under way, and the most that were under way at once. */
  asked: Asked[]
  open(): Asked[]
  mostOpen: number
  create(path: string, contentType?: string): void
  append(path: string, piece: string | Uint8Array<ArrayBuffer>): void
  close(path: string): void
  remove(path: string): void
  /** One way, in milliseconds. */
  wayMs: (path: string) => number
  hasSse: boolean
  hasPoll: boolean
  /** How long it keeps a response open. */
  sseMs: number
  pollMs: number
  /** Paths that are answered with a status, and those that are never answered. */
  refused: Map<string, number>
  hung: Set<string>
  /** Whether a proxy lets no byte of SSE through. */
  isBuffering: boolean
  /** Is told of every live request. */
  onAsked: (headers: Headers) => void
  /** Breaks every connection; while it is away, new ones too. */
  cut(): void
  isAway: boolean
}

interface ModelStream {
  contentType: string
  /** An offset is a count of these. */
  pieces: Uint8Array<ArrayBuffer>[]
  isClosed: boolean
}

interface Exchange extends Asked {
  isLive: boolean
  stream: ModelStream | undefined
  from: number
  /** Sends what there is, when something has changed. */
  look: () => void
  answer: (response: Response) => void
  fail: (error: unknown) => void
  /** It is not under way any more. */
  over: () => void
  /** While it is under way. */
  later: (act: () => void, ms: number) => void
}

export const ROOT = 'http://host.test/v1/'
const encoder = new TextEncoder()
const formatOffset = (count: number): string => `${count}`.padStart(8, '0')

export function createTurnsServer(): TurnsServer {
  const streams = new Map<string, ModelStream>()
  const underWay = new Set<Exchange>()
  const open = (): Exchange[] => [...underWay].filter(({ isLive }) => isLive)
  const lookAll = (): void => {
    for (const exchange of underWay) exchange.look()
  }
  const fetchAs =
    (isLive: boolean): typeof fetch =>
    (input, init) =>
      new Promise((resolve, reject) => {
        const signal = init?.signal
        signal?.throwIfAborted()
        const url = new URL(input as URL)
        const query = url.searchParams
        const path = url.pathname.slice(new URL(ROOT).pathname.length)
        const kind = (query.get('live') ?? 'plain') as Asked['kind']
        const offset = query.get('offset')!
        const count = streams.get(path)?.pieces.length ?? 0
        const timers = new Set<ReturnType<typeof setTimeout>>()
        const abort = (): void => exchange.fail(signal!.reason)
        const exchange: Exchange = {
          ...{ path, kind, isLive, at: Date.now(), stream: undefined, answer: resolve },
          from: offset === 'now' ? count : Math.max(0, Number(offset)),
          look: () => undefined,
          fail(error) {
            exchange.over()
            reject(error)
          },
          later: (act, ms) => void timers.add(setTimeout(act, ms)),
          over() {
            underWay.delete(exchange)
            timers.forEach(clearTimeout)
            signal?.removeEventListener('abort', abort)
          },
        }
        signal?.addEventListener('abort', abort)
        underWay.add(exchange)
        if (isLive) server.onAsked(new Headers(init?.headers))
        if (isLive) server.asked.push({ path, kind, at: exchange.at })
        server.mostOpen = Math.max(server.mostOpen, open().length)
        exchange.later(() => arrive(exchange), server.wayMs(path))
      })

  const arrive = (exchange: Exchange): void => {
    const { path, kind, from } = exchange
    const stream = streams.get(path)
    if (!underWay.has(exchange) || server.hung.has(path)) return
    if (server.isAway) return exchange.fail(new TypeError('reset'))
    const isUnknown =
      (kind === 'sse' && !server.hasSse) || (kind === 'long-poll' && !server.hasPoll)
    const status = server.refused.get(path) ?? (isUnknown ? 400 : stream ? 200 : 404)
    if (!stream || status !== 200) return back(exchange, new Response('refused', { status }))
    exchange.stream = stream
    if (kind === 'sse') return serveEvents(exchange, stream)
    const finish = (status: number): void => {
      exchange.look = () => undefined
      back(exchange, whole(stream, from, kind, status))
    }
    exchange.look = () => {
      if (streams.get(path) !== stream) back(exchange, new Response('gone', { status: 404 }))
      else if (kind === 'plain' || stream.pieces.length > from) finish(200)
      else if (stream.isClosed) finish(204)
    }
    exchange.look()
    exchange.later(() => stream.pieces.length === from && finish(204), server.pollMs)
  }

  const back = (exchange: Exchange, response: Response): void => {
    exchange.later(() => {
      exchange.over()
      exchange.answer(response)
    }, server.wayMs(exchange.path))
  }

  const serveEvents = (exchange: Exchange, stream: ModelStream): void => {
    let sent = exchange.from
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const { path, over } = exchange
    const later = (act: () => void): void => {
      exchange.later(act, server.wayMs(path))
    }
    const end = (): void => later(() => (exchange.over(), controller.close()))
    const body = new ReadableStream<Uint8Array>({
      start: (its) => void (controller = its),
      cancel: () => exchange.over(),
    })
    exchange.fail = (error) => {
      over()
      controller.error(error)
    }
    if (server.isBuffering) return
    const isBase64 = !/json|^text/.test(stream.contentType)
    let isGreeted = false
    exchange.look = () => {
      if (streams.get(path) !== stream) return end()
      let pieces = stream.pieces.slice(sent)
      // Text that ends within a character waits for the rest of it.
      while (stream.contentType.startsWith('text') && isSplit(pieces)) pieces = pieces.slice(0, -1)
      if (isGreeted && !pieces.length && !stream.isClosed) return
      isGreeted = true
      sent += pieces.length
      const data = pieces.length ? dataEvent(stream, pieces) : ''
      const control = {
        streamNextOffset: formatOffset(sent),
        ...(stream.isClosed ? { streamClosed: true } : { streamCursor: '7' }),
        upToDate: true,
      }
      const event = `${data}event: control\ndata:${JSON.stringify(control)}\n\n`
      later(() => controller.enqueue(encoder.encode(event)))
      if (stream.isClosed) end()
    }
    const headers = {
      'content-type': 'text/event-stream',
      ...(isBase64 && { 'stream-sse-data-encoding': 'base64' }),
    }
    later(() => exchange.answer(new Response(body, { headers })))
    exchange.look()
    exchange.later(end, server.sseMs)
  }

  const server: TurnsServer = {
    liveFetch: fetchAs(true),
    fetch: fetchAs(false),
    asked: [],
    open,
    mostOpen: 0,
    wayMs: () => 5,
    hasSse: true,
    hasPoll: true,
    sseMs: 60_000,
    pollMs: 20_000,
    refused: new Map(),
    hung: new Set(),
    isAway: false,
    isBuffering: false,
    onAsked: () => undefined,
    create(path, contentType = 'application/json') {
      streams.set(path, { contentType, pieces: [], isClosed: false })
    },
    append(path, piece) {
      const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece
      streams.get(path)!.pieces.push(bytes)
      lookAll()
    },
    close(path) {
      streams.get(path)!.isClosed = true
      lookAll()
    },
    remove(path) {
      streams.delete(path)
      lookAll()
    },
    cut() {
      for (const exchange of underWay) exchange.fail(new TypeError('reset'))
    },
  }
  return server
}

function whole(stream: ModelStream, from: number, kind: string, status: number): Response {
  const { contentType, pieces, isClosed } = stream
  const news = pieces.slice(from)
  const headers = {
    ...(status === 200 && { 'content-type': contentType }),
    'stream-next-offset': formatOffset(pieces.length),
    'stream-up-to-date': 'true',
    ...(isClosed && { 'stream-closed': 'true' }),
    ...(kind === 'long-poll' && !isClosed && { 'stream-cursor': '7' }),
  }
  const body = status === 204 ? null : isJson(stream) ? jsonOf(news) : joinBytes(news)
  return new Response(body, { status, headers })
}

function dataEvent(stream: ModelStream, pieces: Uint8Array[]): string {
  const text = isJson(stream) ? jsonOf(pieces) : new TextDecoder().decode(joinBytes(pieces))
  const data = /json|^text/.test(stream.contentType)
    ? text.replaceAll(/\r\n|\r|\n/g, '\ndata:')
    : Buffer.from(joinBytes(pieces)).toString('base64')
  return `event: data\ndata:${data}\n\n`
}

function isJson({ contentType }: ModelStream): boolean {
  return contentType === 'application/json'
}

function jsonOf(pieces: Uint8Array[]): string {
  return `[${pieces.map((piece) => new TextDecoder().decode(piece)).join(',\n ')}]`
}

function isSplit(pieces: Uint8Array[]): boolean {
  const decode = createUtf8Decoder()
  for (const piece of pieces) decode(piece)
  return decode() !== ''
}
