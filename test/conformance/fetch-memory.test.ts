import { createFetchHandler, nodeWebhooks } from '../../dev-server/index.ts'
import { startFetchHost } from '../support/fetch-host.ts'
import { describeConformance } from './suite.ts'

describeConformance('fetch, memory', async () => {
  const handler = createFetchHandler({
    webhooks: nodeWebhooks({ allowLocal: true }),
    longPollTimeoutMs: 1_000,
    subscriptions: { allowLocalWebhooks: true },
  })
  const host = await startFetchHost((request) => handler.fetch(request))
  return {
    origin: host.origin,
    async stop() {
      await handler.close()
      await host.stop()
    },
  }
})
