import { createDurableStreamServer } from '../../dev-server/index.ts'
import { answerCalls } from './child.ts'

/** Our server, in a process of its own, for those that start it. */
export function serveStreams(): void {
  answerCalls({
    async start(): Promise<string> {
      const server = createDurableStreamServer({
        port: 0,
        longPollTimeoutMs: 60_000,
        sseLifetimeMs: 600_000,
        storage: 'memory',
      })
      process.on('SIGTERM', () => void server.stop().then(() => process.exit()))
      return server.start()
    },
  })
}
