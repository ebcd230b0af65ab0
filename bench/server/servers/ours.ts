import { createDurableStreamServer, type ServerOptions } from '../../../dev-server/index.ts'
import { answerCalls } from '../../harness/child.ts'
import type { ServerStart, ServerStarted } from '../subjects.ts'

answerCalls({
  async start({ directory }: ServerStart): Promise<ServerStarted> {
    const durable = { storage: { lmdb: { path: directory! } } } as unknown as ServerOptions
    const server = createDurableStreamServer({
      port: 0,
      longPollTimeoutMs: 60_000,
      sseLifetimeMs: 600_000,
      ...(directory !== undefined && durable),
    })
    process.on('SIGTERM', () => void server.stop().then(() => process.exit()))
    return { url: await server.start(), afterMs: performance.now() }
  },
})
