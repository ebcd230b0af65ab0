import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerCalls } from '../../harness/child.ts'
import type { ServerStarted } from '../subjects.ts'

// What `node:http` itself can do. It answers a POST with as many headers as a protocol would, hands
// each posted body to all who follow, and gives back what was PUT: it keeps, checks and orders nothing.

const files = new Map<string, Buffer>()
const followers = new Map<string, Set<ServerResponse>>()
const waiting = new Map<string, Set<ServerResponse>>()
const CONTROL = 'event: control\ndata:{"streamNextOffset":"0000000000000000","upToDate":true}\n\n'
let appended = 0

function handle(req: IncomingMessage, res: ServerResponse): void {
  const path = req.url!.split('?')[0]!
  if (req.method === 'GET') {
    if (req.url!.includes('live=sse')) follow(path, res)
    else if (req.url!.includes('live=long-poll')) wait(path, res)
    else serveFile(path, res)
    return
  }
  const parts: Buffer[] = []
  req.on('data', (part: Buffer) => parts.push(part))
  req.on('end', () => {
    const body = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    if (req.method === 'PUT') files.set(path, body)
    else broadcast(path, body)
    res.writeHead(req.method === 'PUT' ? 201 : 204, {
      'stream-next-offset': String(++appended).padStart(16, '0'),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    })
    res.end()
  })
}

function serveFile(path: string, res: ServerResponse): void {
  const body = files.get(path) ?? Buffer.alloc(0)
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    'stream-next-offset': String(body.length).padStart(16, '0'),
    'stream-up-to-date': 'true',
  })
  res.end(body)
}

function follow(path: string, res: ServerResponse): void {
  const all = followers.get(path) ?? new Set()
  followers.set(path, all.add(res))
  res.on('close', () => all.delete(res))
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  res.write(CONTROL)
}

function wait(path: string, res: ServerResponse): void {
  const all = waiting.get(path) ?? new Set()
  waiting.set(path, all.add(res))
  res.on('close', () => all.delete(res))
}

function broadcast(path: string, body: Buffer): void {
  for (const res of waiting.get(path) ?? []) res.end(body)
  const all = followers.get(path)
  if (!all) return
  const event = Buffer.from(`event: data\ndata:${body.toString('latin1')}\n\n${CONTROL}`, 'latin1')
  for (const res of all) res.write(event)
}

const server = createServer(handle)
process.on('SIGTERM', () => process.exit())

answerCalls({
  start: () =>
    new Promise<ServerStarted>((resolve) => {
      server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
        const { port } = server.address() as AddressInfo
        resolve({ url: `http://127.0.0.1:${port}/v1/stream`, afterMs: performance.now() })
      })
    }),
})
