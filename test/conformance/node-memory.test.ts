import { createDurableStreamServer } from '../../dev-server/index.ts'
import { describeConformance } from './suite.ts'

describeConformance('node:http, memory', async () => {
  const server = createDurableStreamServer({
    port: 0,
    longPollTimeoutMs: 1_000,
    subscriptions: { allowLocalWebhooks: true },
  })
  return { origin: new URL(await server.start()).origin, stop: () => server.stop() }
})
