import { MULTIPLEX } from '../../../src/core/protocol.ts'
import { controlEvent, dataEvent } from '../../support/stream-answers.ts'

const ROOT = 'http://server.test/v1/'

/** A stream of the server below: JSON items, of which each has its own offset. */
interface ModelStream {
  /** Told apart from the stream that was deleted before it. */
  age: number
  items: unknown[]
  closed: boolean
}

interface Post {
  url: string
  headers: Headers
  streams: { path: string; offset: string }[]
}

interface Connection {
  /** Whether it carries many streams, whose names are on the events. */
  isShared: boolean
  /** How far each stream was sent; nothing once it is over. */
  sent: Map<string, { age: number; count: number }>
  write: (text: string) => void
  end: () => void
  fail: (error: unknown) => void
}

/** A server in memory that reads many streams in one answer, whose faults are made on command. */
export interface HubServer {
  fetch: typeof fetch
  /** Requests for many streams, in the order in which they came. */
  posts: Post[]
  /** Live requests for one stream alone. */
  alone: string[]
  /** Answers under way that carry many streams, and those that carry one alone. */
  open(): number
  openAlone(): number
  /** The offset after the last item of a stream, or after the first `count`. */
  tail(path: string, count?: number): string
  append(path: string, ...items: unknown[]): void
  close(path: string): void
  remove(path: string): void
  /** Paths that are answered with a status. */
  refused: Map<string, number>
  /** Stands in for the answer to a request for many streams. */
  answer: ((post: Post) => Promise<Response | undefined> | Response | undefined) | undefined
  /** Between them, nothing is told of what is appended. */
  hold(): void
  release(): void
  /** Ends what is under way, cleanly or not. */
  end(): void
  cut(): void
  /** So many items go into one event at most; answers are cut into pieces of so many bytes. */
  perEvent: number
  pieceBytes: number
}

/** URL of the stream at `path`. */
export function urlOf(path: string): string {
  return ROOT + path
}

export function createHubServer(): HubServer {
  const streams = new Map<string, ModelStream>()
  const connections = new Set<Connection>()
  let births = 0

  const streamAt = (path: string): ModelStream => {
    let stream = streams.get(path)
    if (!stream) streams.set(path, (stream = { age: ++births, items: [], closed: false }))
    return stream
  }
  let isHeld = false
  const tellAll = (): void => {
    if (!isHeld) connections.forEach(advance)
  }

  /** Sends what each stream of a connection has got since. */
  function advance({ sent, write, isShared, end }: Connection): void {
    const named = isShared ? withName : (_: string, event: string) => event
    for (const [path, position] of sent) {
      const stream = streams.get(path)
      if (stream?.age !== position.age) {
        sent.delete(path)
        write(named(path, 'event: end\ndata:\n\n'))
        continue
      }
      while (position.count < stream.items.length) {
        const items = stream.items.slice(position.count, position.count + server.perEvent)
        position.count += items.length
        write(named(path, dataEvent(items)) + named(path, standing(stream, position.count)))
      }
      if (!stream.closed) continue
      sent.delete(path)
      write(named(path, standing(stream, position.count)))
      write(named(path, 'event: end\ndata:\n\n'))
    }
    if (!isShared && !sent.size) end()
  }

  /** How a read of one stream from `offset` is answered. */
  function findFor(path: string, offset: string): { status: number; age: number; count: number } {
    const refused = server.refused.get(path)
    const stream = streams.get(path)
    const [age, count] = offset === '-1' ? [stream?.age, 0] : offset.split('_').map(Number)
    const isKnown = stream && age === stream.age && count! <= stream.items.length
    const status = refused ?? (stream ? (isKnown ? 200 : 410) : 404)
    return { status, age: age!, count: count! }
  }

  function openAlone(path: string, offset: string, signal: AbortSignal): Response {
    const { status, age, count } = findFor(path, offset)
    if (status !== 200) return new Response('refused', { status })
    const { connection, response } = connect(false, signal)
    connection.sent.set(path, { age, count })
    connection.write(standing(streamAt(path), count))
    advance(connection)
    return response
  }

  function openMany(post: Post, signal: AbortSignal): Response {
    const { connection, response } = connect(true, signal)
    for (const { path, offset } of post.streams) {
      const { status, age, count } = findFor(path, offset)
      if (status === 200) connection.sent.set(path, { age, count })
      connection.write(withName(path, responseEvent(status)))
      if (status === 200) connection.write(withName(path, standing(streamAt(path), count)))
    }
    advance(connection)
    return response
  }

  function connect(
    isShared: boolean,
    signal: AbortSignal,
  ): { connection: Connection; response: Response } {
    let controller!: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start: (own) => void (controller = own),
      cancel: () => void connections.delete(connection),
    })
    const isOpen = (): boolean => connections.delete(connection)
    const connection: Connection = {
      isShared,
      sent: new Map(),
      write(text) {
        if (!connections.has(connection)) return
        const bytes = new TextEncoder().encode(text)
        for (let at = 0; at < bytes.length; at += server.pieceBytes) {
          controller.enqueue(bytes.slice(at, at + server.pieceBytes))
        }
      },
      end: () => isOpen() && controller.close(),
      fail: (error) => isOpen() && controller.error(error),
    }
    connections.add(connection)
    signal.addEventListener('abort', () => connection.fail(signal.reason))
    const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    return { connection, response }
  }

  function readPlain(path: string, offset: string): Response {
    const { status, count } = findFor(path, offset)
    if (status !== 200) return new Response('refused', { status })
    const stream = streamAt(path)
    return new Response(JSON.stringify(stream.items.slice(count)), {
      headers: {
        'content-type': 'application/json',
        'stream-next-offset': offsetOf(stream, stream.items.length),
        'stream-up-to-date': 'true',
        [MULTIPLEX]: `${ROOT}__ds/live`,
        ...(stream.closed && { 'stream-closed': 'true' }),
      },
    })
  }

  const server: HubServer = {
    posts: [],
    alone: [],
    refused: new Map(),
    answer: undefined,
    perEvent: Infinity,
    pieceBytes: Infinity,
    async fetch(input, init) {
      const url = new URL(String(input))
      const signal = init!.signal!
      signal.throwIfAborted()
      // No answer comes before the caller has gone on.
      await Promise.resolve()
      if (init!.method === 'POST') {
        const { streams: wanted } = JSON.parse(String(init!.body)) as Post
        const post = { url: url.href, headers: new Headers(init!.headers), streams: wanted }
        server.posts.push(post)
        const other = await server.answer?.(post)
        signal.throwIfAborted()
        return other ?? openMany(post, signal)
      }
      const path = url.href.slice(ROOT.length).replace(/\?.*/, '')
      const offset = url.searchParams.get('offset')!
      if (!url.searchParams.has('live')) return readPlain(path, offset)
      server.alone.push(url.href)
      return openAlone(path, offset, signal)
    },
    open: () => [...connections].filter(({ isShared }) => isShared).length,
    openAlone: () => [...connections].filter(({ isShared }) => !isShared).length,
    tail(path, count) {
      const stream = streamAt(path)
      return offsetOf(stream, count ?? stream.items.length)
    },
    append(path, ...items) {
      streamAt(path).items.push(...items)
      tellAll()
    },
    close(path) {
      streamAt(path).closed = true
      tellAll()
    },
    remove(path) {
      streams.delete(path)
      tellAll()
    },
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      tellAll()
    },
    end: () => connections.forEach(({ end }) => end()),
    cut: () => connections.forEach(({ fail }) => fail(new TypeError('read ECONNRESET'))),
  }
  return server
}

function offsetOf({ age }: ModelStream, count: number): string {
  return `${String(age).padStart(6, '0')}_${String(count).padStart(8, '0')}`
}

function standing(stream: ModelStream, count: number): string {
  const upToDate = count === stream.items.length
  return controlEvent({
    next: offsetOf(stream, count),
    upToDate,
    closed: upToDate && stream.closed,
  })
}

function responseEvent(status: number): string {
  const isRead = status === 200
  const headers = { 'content-type': isRead ? 'text/event-stream' : 'application/json' }
  const body = isRead ? {} : { body: { error: { message: `status ${status}` } } }
  return `event: response\ndata:${JSON.stringify({ status, headers, ...body })}\n\n`
}

/** Puts the stream's name on an event, or on the two of a frame. */
function withName(path: string, event: string): string {
  return event.replaceAll(/^(event:.*\n)/gm, `$1id: ${path}\n`)
}
