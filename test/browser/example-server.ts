import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Connect, createServer, type Plugin } from 'vite'
import { startCuttableProxy, type CuttableProxy } from '../support/cuttable-proxy.ts'
import { ROOT } from '../support/imports.ts'
import { readsLive } from '../support/live-reads.ts'

/** The example, served as `npm start` serves it, with a proxy between it and its visitors. */
export interface ExampleServer {
  /** Where visitors go: through the proxy. */
  url: string
  /** Where the streams are, past the proxy. */
  streamsUrl: string
  proxy: CuttableProxy
  /** Answers each write with `status` instead of storing it; `undefined` stores again. */
  refuseWrites(status: number | undefined): void
  /** Lets no write through until the returned function is called. */
  holdWrites(): () => void
  close(): Promise<void>
}

const EXAMPLE = join(ROOT, 'examples', 'rooms')

export async function startExample(): Promise<ExampleServer> {
  const gate = createGate()
  const vite = await startVite(gate.plugin)
  const proxy = await startCuttableProxy(vite.port)
  return {
    url: `http://127.0.0.1:${proxy.port}/`,
    streamsUrl: `http://127.0.0.1:${vite.port}/v1/stream`,
    proxy,
    refuseWrites: gate.refuse,
    holdWrites: gate.hold,
    close: async () => {
      await proxy.close()
      await vite.close()
    },
  }
}

/** A gate before the streams that writes pass, wait at, or are turned away from. */
function createGate(): {
  plugin: Plugin
  refuse: ExampleServer['refuseWrites']
  hold: ExampleServer['holdWrites']
} {
  let refusal: number | undefined
  let opened = Promise.resolve()
  const pass: Connect.NextHandleFunction = (req, res, next) => {
    if (req.method !== 'POST' || readsLive(req.url!)) return next()
    void opened.then(() => {
      if (refusal === undefined) return next()
      req.resume()
      res.writeHead(refusal, { 'content-type': 'text/plain' }).end('This room is read-only.')
    })
  }
  return {
    plugin: {
      name: 'write-gate',
      enforce: 'pre',
      configureServer: ({ middlewares }) => void middlewares.use(pass),
    },
    refuse: (status) => {
      refusal = status
    },
    hold: () => {
      let open!: () => void
      opened = new Promise((resolve) => (open = resolve))
      return open
    },
  }
}

/**
 * Vite's own socket goes past the proxy, on a port of its own: when that one is cut, Vite reloads
 * the page, which would hide whether the page found its way back by itself.
 */
async function startVite(plugin: Plugin): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = createHttpServer().listen(0, '127.0.0.1')
  await once(sockets, 'listening')
  const hmr = { server: sockets, clientPort: portOf(sockets), host: '127.0.0.1' }
  // Of its own, since two servers that bundle dependencies into one folder break each other's pages.
  const cacheDir = join(ROOT, 'node_modules', '.cache', 'streamwell', `vite-${process.pid}`)
  const vite = await createServer({
    root: EXAMPLE,
    configFile: join(EXAMPLE, 'vite.config.ts'),
    cacheDir,
    logLevel: 'warn',
    plugins: [plugin],
    server: { host: '127.0.0.1', port: 0, hmr, watch: null },
  })
  await vite.listen()
  return {
    port: portOf(vite.httpServer!),
    close: async () => {
      await vite.close()
      sockets.close()
      await rm(cacheDir, { recursive: true, force: true })
    },
  }
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port
}
