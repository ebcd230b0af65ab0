import { createDurableStreamServer } from '../../../dev-server/index.ts'
import { answerCalls } from '../../harness/child.ts'
import { collectGarbage } from '../load/garbage.ts'
import type { ServerStarted } from '../stage.ts'

answerCalls({
  async start(): Promise<ServerStarted> {
    const server = createDurableStreamServer({
      port: 0,
      sseLifetimeMs: 600_000,
      maxLiveReaders: 100_000,
      storage: 'memory',
    })
    process.on('SIGTERM', () => process.exit())
    const url = await server.start()
    return { url, readUrl: url }
  },
  collect: collectGarbage,
})
