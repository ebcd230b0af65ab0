import { onTestFinished } from 'vitest'

/** One stream, and where to read it from. */
export interface Wanted {
  path: string
  offset: string
}

/** One event of a multiplexed read, as it is on the wire. */
export interface NamedEvent {
  event: string
  /** Which stream's. */
  id: string
  /** The `data:` lines, joined by `\n`. */
  data: string
}

/** A multiplexed read as a test sees it. */
export interface Multiplexed {
  response: Response
  /** The next event of any stream; nothing at the end. */
  next(): Promise<NamedEvent | undefined>
  /** The next event of the stream at `path`; those of others wait for who asks for them. */
  of(path: string): Promise<NamedEvent | undefined>
  /** What comes of the stream until it is up to date, closed, or refused: data and controls. */
  read(path: string): Promise<{ data: string[]; control: Record<string, unknown> | undefined }>
  /** All events until the response ends. */
  rest(): Promise<NamedEvent[]>
  close(): Promise<void>
}

interface OpenInit {
  fetch?: (request: Request) => Promise<Response>
  headers?: Record<string, string>
  query?: string
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** POSTs a multiplexed read to the server at `url`. */
export function askMultiplexed(
  url: string,
  streams: unknown,
  {
    fetch = globalThis.fetch,
    headers = {},
    query = '',
    signal,
  }: OpenInit & { signal?: AbortSignal } = {},
): Promise<Response> {
  const body = JSON.stringify({ streams })
  const init = {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body,
    signal: signal ?? null,
  }
  return fetch(new Request(`${url}/__ds/live${query}`, init))
}

/** Follows `streams` over one response; the connection is closed when the test ends. */
export async function openMultiplexed(
  url: string,
  streams: readonly Wanted[],
  init: OpenInit = {},
): Promise<Multiplexed> {
  const left = new AbortController()
  onTestFinished(() => left.abort())
  const response = await askMultiplexed(url, streams, { ...init, signal: left.signal })
  const events = readEvents(response.body!)
  const waiting: NamedEvent[] = []

  async function next(): Promise<NamedEvent | undefined> {
    return waiting.shift() ?? (await events.next()).value
  }

  async function of(path: string): Promise<NamedEvent | undefined> {
    const known = waiting.findIndex(({ id }) => id === path)
    if (known >= 0) return waiting.splice(known, 1)[0]
    for (;;) {
      const { value } = await events.next()
      if (!value || value.id === path) return value
      waiting.push(value)
    }
  }

  return {
    response,
    next,
    of,
    async read(path) {
      const data: string[] = []
      for (let event = await of(path); event; event = await of(path)) {
        if (event.event === 'end') break
        if (event.event === 'data') data.push(event.data)
        if (event.event !== 'control') continue
        const control = JSON.parse(event.data) as Record<string, unknown>
        if (control['upToDate'] || control['streamClosed']) return { data, control }
      }
      return { data, control: undefined }
    },
    async rest() {
      const all: NamedEvent[] = []
      for (let event = await next(); event; event = await next()) all.push(event)
      return all
    },
    close: async () => left.abort(),
  }
}

/** Strict: what is no event of a stream, nor a comment, is a fault. */
async function* readEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<NamedEvent, undefined> {
  let text = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream() as never)) {
    text += piece as unknown as string
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end)
      text = text.slice(end + 2)
      if (!block.startsWith(':')) yield parseEvent(block)
    }
  }
  return undefined
}

/** The order of the fields is part of the wire form. */
export function parseEvent(block: string): NamedEvent {
  const [, event, id, lines] = /^event: (\w+)\nid: (.+)\n((?:data:.*\n?)+)$/.exec(block) ?? []
  if (lines === undefined) throw new Error(`This is no event of a stream: ${JSON.stringify(block)}`)
  const data = lines.split('\n').map((line) => line.replace(/^data: ?/, ''))
  return { event: event!, id: id!, data: data.join('\n') }
}

/** The status that a stream is answered with, and all of that answer. */
export async function answerTo(
  read: Multiplexed,
  path: string,
): Promise<{ status: number; headers: Record<string, string>; body?: unknown }> {
  const first = await read.of(path)
  if (first?.event !== 'response') throw new Error(`${path} begins with ${first?.event}`)
  return JSON.parse(first.data) as never
}
