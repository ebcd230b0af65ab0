import { DurableStreamTestServer } from '@durable-streams/server'
import { answerCalls } from '../../harness/child.ts'
import { collectGarbage } from '../load/garbage.ts'
import type { ServerStarted } from '../stage.ts'

answerCalls({
  async start(): Promise<ServerStarted> {
    const server = new DurableStreamTestServer({ port: 0 })
    process.on('SIGTERM', () => process.exit())
    const url = `${await server.start()}/v1/stream`
    return { url, readUrl: url }
  },
  collect: collectGarbage,
})
