import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bundlePage } from '../../harness/bundle-page.ts'
import { answerCalls } from '../../harness/child.ts'
import { eventAt, eventsIn } from '../data.ts'

// Streams that were made before anybody reads them, so that only the reader is measured. `HEAD`
// makes one. At `/` is a page with our script and the peer's, for a browser; at `/sent`, how many bytes
// of streams were sent.

const PER_PAGE = 10_000
const NO_STORE = { 'cache-control': 'no-store' }

/** Bodies by what is in them. */
const made = new Map<string, Promise<Buffer> | Buffer>()
let scripts: Promise<ReadonlyMap<string, string>> | undefined
/** Bytes of streams that were sent. */
let sent = 0

async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(req.url!, 'http://localhost')
  if (pathname === '/') return serve(res, 'text/html', Buffer.from(PAGE))
  if (pathname.endsWith('.js')) {
    scripts ??= bundlePage('bench/state/page/page.ts')
    return serve(res, 'text/javascript', Buffer.from((await scripts).get(pathname)!))
  }
  if (pathname === '/sent') return serve(res, 'text/plain', Buffer.from(String(sent)))
  const count = eventsIn(pathname)
  if (req.method === 'HEAD') {
    for (let from = 0; from < count; from += PER_PAGE) await pageOf(pathname, from)
    res.writeHead(200, { 'content-type': 'application/json' }).end()
    return
  }
  const offset = searchParams.get('offset') ?? '-1'
  const from = offset === '-1' ? 0 : Number(offset)
  const next = Math.min(count, from + PER_PAGE)
  const body = from < count ? await pageOf(pathname, from) : Buffer.from('[]')
  if (from < count) sent += body.length
  serve(res, 'application/json', body, {
    'stream-next-offset': String(next).padStart(16, '0'),
    ...(next === count && { 'stream-up-to-date': 'true', 'stream-closed': 'true' }),
  })
}

function pageOf(path: string, from: number): Promise<Buffer> {
  return once(`${path}:${from}`, () => {
    const length = Math.min(eventsIn(path), from + PER_PAGE) - from
    const events = Array.from({ length }, (_, i) => eventAt(path, from + i))
    return Buffer.from(JSON.stringify(events))
  })
}

function serve(res: ServerResponse, type: string, body: Buffer, headers = {}): void {
  res.writeHead(200, {
    ...NO_STORE,
    ...headers,
    'content-type': type,
    'content-length': body.length,
  })
  res.end(body)
}

const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Benchmark</title>
<script type="module" src="/page.js"></script>
`

async function once(name: string, make: () => Promise<Buffer> | Buffer): Promise<Buffer> {
  const body = made.get(name) ?? make()
  made.set(name, body)
  return body
}

const server = createServer((req, res) => void handle(req, res))
process.on('SIGTERM', () => process.exit())

answerCalls({
  start: () =>
    new Promise<string>((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1' }, () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      })
    }),
})
