import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Scripts } from './bundle.ts'

/** A request that holds a connection for as long as it waits for news. */
export interface LiveExchange {
  /** `POST` of many streams at once, or `GET` of one. */
  method: string
  authorization: string | undefined
  socket: Socket
  /** When it came, and when either side ended it, in milliseconds since 1970. */
  startedAt: number
  endedAt: number | undefined
}

/** Answers what is below `/v1/`. */
export type ServeStreams = (req: IncomingMessage, res: ServerResponse) => void

/** Pages and streams on one origin, over HTTP/1.1: a browser opens six connections to it. */
export interface ConnectionsSite {
  url: string
  streams: string
  /** Each live request that ever came. */
  live: LiveExchange[]
  /** How many connections of the browsers are open now. */
  sockets: () => number
  close: () => Promise<void>
}

const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Tab</title>
<main></main>
`

/** Serves a page per script, such as `/core` of `/core.js`, and counts what reaches it. */
export async function startConnectionsSite(
  scripts: Scripts,
  serveStreams: ServeStreams,
): Promise<ConnectionsSite> {
  const live: LiveExchange[] = []
  const sockets = new Set<Socket>()
  const meet = createMeeting()
  const server = createServer((req, res) => {
    if (isLive(req.method!, req.url!)) note(req, res, live)
    if (req.headers['user-agent']?.includes('Chrome')) sockets.add(req.socket)
    if (req.url!.startsWith('/v1/')) return serveStreams(req, res)
    if (req.url!.startsWith('/together')) return meet(req, res)
    servePage(scripts, req, res)
  })
  server.on('connection', (socket) => socket.on('close', () => sockets.delete(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    streams: `${url}/v1/stream`,
    live,
    sockets: () => sockets.size,
    close: () => close(server),
  }
}

/** Whether a request waits for news, of one stream or of many. */
export function isLive(method: string, url: string): boolean {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  return method === 'POST' ? pathname.endsWith('/__ds/live') : searchParams.has('live')
}

/** The live requests that are open now. */
export function openLive(site: Pick<ConnectionsSite, 'live'>): LiveExchange[] {
  return site.live.filter(({ endedAt }) => endedAt === undefined)
}

export function note(req: IncomingMessage, res: ServerResponse, live: LiveExchange[]): void {
  const { method, headers, socket } = req
  const exchange: LiveExchange = {
    method: method!,
    authorization: headers.authorization,
    socket,
    startedAt: Date.now(),
    endedAt: undefined,
  }
  live.push(exchange)
  res.on('close', () => (exchange.endedAt = Date.now()))
}

/**
 * Answers `/together?count=4&as=x` once four requests of that name wait at the same time: who gets
 * an answer had four connections to spare.
 */
export function createMeeting(): (req: IncomingMessage, res: ServerResponse) => void {
  const meetings = new Map<string, Set<ServerResponse>>()
  return ({ url }, res) => {
    const { searchParams } = new URL(url!, 'http://localhost')
    const name = searchParams.get('as')!
    const guests = meetings.get(name) ?? new Set()
    meetings.set(name, guests.add(res))
    res.on('close', () => guests.delete(res))
    if (guests.size < Number(searchParams.get('count'))) return
    meetings.delete(name)
    for (const guest of guests) guest.writeHead(200, { 'cache-control': 'no-store' }).end('here')
  }
}

function servePage(scripts: Scripts, { url }: IncomingMessage, res: ServerResponse): void {
  const { pathname } = new URL(url!, 'http://localhost')
  const script = scripts[pathname]
  const type = script === undefined ? 'text/html' : 'text/javascript'
  res.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' })
  const own = `${pathname}.js`
  const load = scripts[own] === undefined ? '' : `<script type="module" src="${own}"></script>`
  res.end(script ?? `${PAGE}${load}`)
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
