import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNodeHandler, type HandlerOptions } from '../../dev-server/index.ts'
import { MULTIPLEX_PATH } from '../../src/core/protocol.ts'
import { streamsAskedFor } from '../support/live-reads.ts'
import { bundle, type Scripts } from './bundle.ts'

/** One request that reached the streams of a site. */
export interface SeenRequest {
  method: string
  path: string
  /** What it asks for: several, if it reads them together. */
  paths: readonly string[]
  /** How it reads live; `shared` for one that reads several streams together. */
  live: string | null
  offset: string | null
  headers: IncomingMessage['headers']
  /** While neither side has ended it. */
  isOpen: boolean
  status: number
}

/** Pages that use the client as a script, and the streams they talk to, on one origin. */
export interface ClientSite {
  url: string
  /** Where the streams are. */
  streams: string
  seen: SeenRequest[]
  close(): Promise<void>
}

/** Scripts may be added by the tests that need them: paths, and what is there. */
export type { Scripts }

const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Client</title>
<script type="module">
  import * as streamwell from '/streamwell.js'
  Object.assign(globalThis, { streamwell })
  await globalThis.onLoaded?.()
</script>
`

/** The client as `/streamwell.js`, with what it loads later, as an application's bundler makes it. */
export function bundleClient(): Promise<Scripts> {
  return bundle({ streamwell: 'src/core/index.ts' })
}

/** Serves the pages at `/`, `/other` and so on, the client, and `scripts`. */
export async function startClientSite(
  client: Scripts,
  options: HandlerOptions = {},
  scripts: Scripts = {},
): Promise<ClientSite> {
  const handler = createNodeHandler(options)
  const seen: SeenRequest[] = []
  const files: Scripts = { ...client, ...scripts }
  const server = createServer((req, res) => {
    if (req.url!.startsWith('/v1/')) noteRequest(req, res, seen)
    void handler.handle(req, res, () => serveFile(files, req, res))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  return { url, streams: `${url}/v1/stream`, seen, close: () => close(server, handler) }
}

function serveFile(files: Scripts, { url }: IncomingMessage, res: ServerResponse): void {
  const script = files[url!]
  const type = script === undefined ? 'text/html' : 'text/javascript'
  res.writeHead(200, { 'content-type': type, 'cache-control': 'max-age=60' })
  res.end(script ?? PAGE)
}

/** Keeps in `seen` how it goes with a request. */
export function noteRequest(req: IncomingMessage, res: ServerResponse, seen: SeenRequest[]): void {
  const { pathname, searchParams } = new URL(req.url!, 'http://localhost')
  const request: SeenRequest = {
    method: req.method!,
    path: pathname,
    paths: [pathname],
    live: pathname.endsWith(`/${MULTIPLEX_PATH}`) ? 'shared' : searchParams.get('live'),
    offset: searchParams.get('offset'),
    headers: req.headers,
    isOpen: true,
    status: 0,
  }
  seen.push(request)
  if (request.live === 'shared') {
    watchBody(req, (body) => {
      request.paths = streamsAskedFor({ body }).map(({ path }) => `/v1/stream/${path}`)
    })
  }
  res.on('close', () => Object.assign(request, { isOpen: false, status: res.statusCode }))
}

/** Looks at a body while somebody else reads it. */
function watchBody(req: IncomingMessage, onBody: (body: string) => void): void {
  const chunks: Buffer[] = []
  const emit = req.emit.bind(req)
  req.emit = (event: string | symbol, ...values: unknown[]) => {
    if (event === 'data') chunks.push(values[0] as Buffer)
    if (event === 'end') onBody(Buffer.concat(chunks).toString())
    return emit(event, ...values)
  }
}

async function close(server: Server, handler: { close(): Promise<void> }): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  await handler.close()
  server.closeAllConnections()
  await closed
}
