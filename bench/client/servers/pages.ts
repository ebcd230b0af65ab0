import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerCalls } from '../../harness/child.ts'
import { messageBatch } from '../../harness/message.ts'

// Streams that were made before anybody asks, so that only the client is measured:
//
// /pages/<messages>/<per page>   JSON, page by page
// /events/<messages>             live, one SSE event for each message
// /event/<characters>            live, one SSE event with one long text

const JSON_HEADERS = { 'content-type': 'application/json' }
const SSE_HEADERS = { 'content-type': 'text/event-stream' }

/** Bodies by name; the last is kept, since every round asks for the same. */
const made = new Map<string, Buffer>()

function handle(req: IncomingMessage, res: ServerResponse): void {
  const { pathname, searchParams } = new URL(req.url!, 'http://localhost')
  const [, kind, first, second] = pathname.split('/')
  const size = Number(first)
  if (kind === 'pages') servePage(res, searchParams.get('offset')!, size, Number(second))
  else if (searchParams.get('live') !== 'sse') serveNothing(res)
  else {
    res.writeHead(200, SSE_HEADERS)
    res.end(once(pathname, () => (kind === 'events' ? events(size) : event(size))))
  }
}

function servePage(res: ServerResponse, offset: string, count: number, perPage: number): void {
  const from = offset === '-1' ? 0 : Number(offset)
  const next = Math.min(count, from + perPage)
  const isLast = next === count
  const body = once(`${from}-${next}`, () => messageBatch(0, from, next - from))
  res.writeHead(200, {
    ...JSON_HEADERS,
    'content-length': body.length,
    'stream-next-offset': offsetAt(next),
    ...(isLast && { 'stream-up-to-date': 'true', 'stream-closed': 'true' }),
  })
  res.end(body)
}

/** At the beginning of a stream whose content will come live. */
function serveNothing(res: ServerResponse): void {
  const head = { 'stream-next-offset': offsetAt(0), 'stream-up-to-date': 'true' }
  res.writeHead(200, { ...JSON_HEADERS, ...head }).end('[]')
}

function events(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, number) => {
      const data = messageBatch(0, number, 1).toString('latin1')
      return Buffer.from(dataEvent(data) + controlEvent(number + 1, number + 1 === count), 'latin1')
    }),
  )
}

function event(characters: number): Buffer {
  return Buffer.from(dataEvent(`["${'x'.repeat(characters)}"]`) + controlEvent(1, true), 'latin1')
}

function dataEvent(data: string): string {
  return `event: data\ndata:${data}\n\n`
}

function controlEvent(offset: number, isLast: boolean): string {
  const control = {
    streamNextOffset: offsetAt(offset),
    streamCursor: '3370000',
    ...(isLast && { upToDate: true, streamClosed: true }),
  }
  return `event: control\ndata:${JSON.stringify(control)}\n\n`
}

function offsetAt(position: number): string {
  return String(position).padStart(16, '0')
}

function once(name: string, make: () => Buffer): Buffer {
  const body = made.get(name) ?? make()
  made.set(name, body)
  return body
}

const server = createServer(handle)
process.on('SIGTERM', () => process.exit())

answerCalls({
  start: () =>
    new Promise<string>((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1' }, () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      })
    }),
})
