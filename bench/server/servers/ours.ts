import { createDurableStreamServer } from '../../../dev-server/index.ts'
import { answerCalls } from '../../harness/child.ts'
import type { ServerStart, ServerStarted } from '../subjects.ts'

answerCalls({
  async start({ directory }: ServerStart): Promise<ServerStarted> {
    const server = createDurableStreamServer({
      port: 0,
      longPollTimeoutMs: 60_000,
      sseLifetimeMs: 600_000,
      storage: directory === undefined ? 'memory' : { lmdb: { path: directory } },
    })
    process.on('SIGTERM', () => void server.stop().then(() => process.exit()))
    return { url: await server.start(), afterMs: performance.now() }
  },
})
