import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { createServer as createVite, preview } from 'vite'
import { answerPage, type Entry } from './answer-page.ts'

interface At {
  port: number
  host: string
}

/** What pages are made of, in development or from what was built. */
interface House {
  template(url: string): Promise<string>
  entry(): Promise<Entry>
}

/**
 * Serves the example in `root` on bare Vite: pages rendered by its `src/entry-server.tsx`, files by
 * Vite, streams by the plugin in its `vite.config.ts`, all on one origin.
 *
 * Options of the command line: `--port 8080`, `--host 0.0.0.0`, and `--built` for what `vite build`
 * has made.
 */
export async function serve(root: string, defaultPort: number): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, host: { type: 'string' }, built: { type: 'boolean' } },
  })
  const at: At = { port: Number(values.port ?? defaultPort), host: values.host ?? 'localhost' }
  const server = await (values.built ? serveBuilt : serveSources)(root, at)
  console.log(`\n  Fridge door: ${urlOf(server, at)}\n  Open it twice. Ctrl-C stops it.\n`)
}

async function serveSources(root: string, at: At): Promise<Server> {
  const server = createServer()
  const vite = await createVite({
    root,
    appType: 'custom',
    server: { middlewareMode: true, hmr: { server } },
  })
  const answer = answerer(() => urlOf(server, at), {
    template: async (url) =>
      vite.transformIndexHtml(url, await readFile(join(root, 'index.html'), 'utf8')),
    entry: async () => (await vite.ssrLoadModule('/src/entry-server.tsx')) as Entry,
  })
  vite.middlewares.use(answer)
  server.on('request', vite.middlewares)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(at.port, at.host, resolve)
  })
  return server
}

async function serveBuilt(root: string, at: At): Promise<Server> {
  const dist = join(root, 'dist')
  const vite = await preview({ root, appType: 'custom', preview: { ...at, strictPort: true } })
  const server = vite.httpServer as Server
  const entry = pathToFileURL(join(dist, 'server', 'entry-server.js')).href
  const answer = answerer(() => urlOf(server, at), {
    template: () => readFile(join(dist, 'client', 'index.html'), 'utf8'),
    entry: async () => (await import(entry)) as Entry,
  })
  vite.middlewares.use(answer)
  return server
}

/** @param url where the house itself is. Not by a request's `Host`: that says what clients like. */
function answerer(url: () => string, { template, entry }: House) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const streams = { serverUrl: new URL('/v1/stream', url()).href }
      const asked = req.url ?? '/'
      const answer = await answerPage(asked, streams, await entry(), () => template(asked))
      const headers = { 'content-type': answer.type, 'cache-control': 'no-cache' }
      res.writeHead(answer.status, headers).end(answer.body)
    } catch (error) {
      console.error(error)
      res.writeHead(500, { 'content-type': 'text/plain' }).end('The page cannot be shown just now.')
    }
  }
}

function urlOf(server: Server, { host }: At): string {
  return `http://${host}:${(server.address() as AddressInfo).port}/`
}
