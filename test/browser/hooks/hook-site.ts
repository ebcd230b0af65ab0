import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  createNodeHandler,
  type HandlerOptions,
  type NodeHandler,
} from '../../../dev-server/index.ts'
import type { Scripts } from '../bundle.ts'
import { readsLive } from '../../support/live-reads.ts'
import { noteRequest, type SeenRequest } from '../client-site.ts'

/** The pages of both frameworks, at `/react` and `/solid`, and their streams, on one origin. */
export interface HookSite {
  url: string
  streams: string
  /** Each request that reached the streams. */
  seen: SeenRequest[]
  /** Lets no request that is like this one through, until the returned function is called. */
  hold: (like: (req: IncomingMessage) => boolean) => () => void
  /** Answers each write with `status` instead of storing it; `undefined` stores again. */
  refuseWrites: (status: number | undefined) => void
  /** Answers each read with `status`; `undefined` reads again. */
  refuseReads: (status: number | undefined) => void
  /** Puts a script into the pages that are loaded from now on, before their own. */
  addScript: (script: string) => void
  /** Nobody listens at its port any more; all connections have ended. */
  stop: () => Promise<void>
  /** Listens again, at the same port: what is not in a folder is lost. */
  start: () => Promise<void>
}

export async function startHookSite(
  scripts: Scripts,
  options: HandlerOptions = {},
): Promise<HookSite> {
  const gate = createGate()
  const seen: SeenRequest[] = []
  let added = ''
  let port = 0
  let running: { server: Server; handler: NodeHandler } | undefined

  function serve(handler: NodeHandler, req: IncomingMessage, res: ServerResponse): void {
    if (!req.url!.startsWith('/v1/')) return servePage(scripts, added, req, res)
    noteRequest(req, res, seen)
    gate.pass(req, res, () => void handler.handle(req, res))
  }

  async function start(): Promise<void> {
    const handler = createNodeHandler(options)
    const server = createServer((req, res) => serve(handler, req, res))
    running = { server, handler }
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }

  async function stop(): Promise<void> {
    if (!running) return
    const { server, handler } = running
    running = undefined
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await handler.close()
    server.closeAllConnections()
    await closed
  }

  await start()
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    streams: `${url}/v1/stream`,
    seen,
    hold: gate.hold,
    refuseReads: (status) => gate.refuse('read', status),
    refuseWrites: (status) => gate.refuse('append', status),
    addScript: (script) => {
      added += `<script>${script}</script>`
    },
    start,
    stop,
  }
}

type Kind = 'read' | 'append' | 'other'

/** What a request does. Live reads of several streams together are `POST`s, too. */
export function kindOf({ method, url }: IncomingMessage): Kind {
  if (method === 'GET' || readsLive(url!)) return 'read'
  return method === 'POST' ? 'append' : 'other'
}

interface Gate {
  pass: (req: IncomingMessage, res: ServerResponse, next: () => void) => void
  hold: HookSite['hold']
  refuse: (kind: Kind, status: number | undefined) => void
}

/** Stands before the streams. */
function createGate(): Gate {
  const refusals = new Map<Kind, number>()
  const holds = new Map<(req: IncomingMessage) => boolean, Promise<void>>()
  return {
    pass(req, res, next) {
      const held = [...holds].filter(([like]) => like(req)).map(([, opened]) => opened)
      const go = (): void => {
        if (res.destroyed) return
        const refusal = refusals.get(kindOf(req))
        if (refusal === undefined) return next()
        req.resume()
        res.writeHead(refusal, { 'content-type': 'text/plain' }).end('No entry today.')
      }
      if (held.length === 0) go()
      else void Promise.all(held).then(go)
    },
    hold(like) {
      let open!: () => void
      holds.set(like, new Promise((resolve) => (open = resolve)))
      return () => {
        holds.delete(like)
        open()
      }
    },
    refuse(kind, status) {
      if (status === undefined) refusals.delete(kind)
      else refusals.set(kind, status)
    },
  }
}

function servePage(
  scripts: Scripts,
  added: string,
  { url }: IncomingMessage,
  res: ServerResponse,
): void {
  const { pathname } = new URL(url!, 'http://localhost')
  const script = scripts[pathname]
  const type = script === undefined ? 'text/html' : 'text/javascript'
  res.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' })
  res.end(
    script ??
      `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Hooks</title>
<main></main>${added}<script type="module" src="${pathname}.js"></script>`,
  )
}
