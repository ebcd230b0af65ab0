import { DurableStreamTestServer } from '@durable-streams/server'
import { onTestFinished } from 'vitest'
import { startServer } from './server.ts'

/** Our server, and one that we did not write: what holds on both is the protocol. */
export const SERVERS: readonly { name: string; start: () => Promise<string> }[] = [
  { name: 'our server', start: async () => (await startServer()).url },
  {
    name: '@durable-streams/server',
    start: async () => {
      const server = new DurableStreamTestServer({ port: 0, longPollTimeout: 500 })
      const origin = await server.start()
      onTestFinished(() => server.stop())
      return `${origin}/v1/stream`
    },
  },
]
