import { DurableStreamTestServer } from '@durable-streams/server'
import { answerCalls } from '../../harness/child.ts'
import type { ServerStart, ServerStarted } from '../subjects.ts'

answerCalls({
  async start({ directory }: ServerStart): Promise<ServerStarted> {
    const server = new DurableStreamTestServer({
      port: 0,
      longPollTimeout: 60_000,
      ...(directory !== undefined && { dataDir: directory }),
    })
    process.on('SIGTERM', () => void server.stop().then(() => process.exit()))
    return { url: `${await server.start()}/v1/stream`, afterMs: performance.now() }
  },
})
