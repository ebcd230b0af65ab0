import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createNodeHandler } from '../../../dev-server/index.ts'
import { answerCalls } from '../../harness/child.ts'
import { collectGarbage } from '../load/garbage.ts'
import type { ServerStarted } from '../stage.ts'

// Our handler behind `node:http2`, for readers, and behind `node:http` for the writer. Without TLS, so
// that only what carries the streams differs from the others.

const handler = createNodeHandler({
  sseLifetimeMs: 600_000,
  maxLiveReaders: 100_000,
  storage: 'memory',
})
const plain = createServer({ keepAliveTimeout: 600_000 }, (req, res) => {
  void handler.handle(req, res)
})
const http2 = createHttp2Server({ settings: { maxConcurrentStreams: 2000 } }, (req, res) => {
  void handler.handle(req as unknown as IncomingMessage, res as unknown as ServerResponse)
})
process.on('SIGTERM', () => process.exit())

function listen(server: typeof plain | typeof http2): Promise<string> {
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/stream`)
    })
  })
}

answerCalls({
  start: async (): Promise<ServerStarted> => ({
    url: await listen(plain),
    readUrl: await listen(http2),
  }),
  collect: collectGarbage,
})
