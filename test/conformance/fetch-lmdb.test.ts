import { createFetchHandler, lmdbStorage, nodeWebhooks } from '../../dev-server/index.ts'
import { startFetchHost } from '../support/fetch-host.ts'
import { createFolder } from '../support/folder.ts'
import { describeConformance } from './suite.ts'

describeConformance('fetch, LMDB', async () => {
  const folder = await createFolder()
  const storage = lmdbStorage({ path: folder.path })
  const handler = createFetchHandler({
    storage,
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
      await storage.close()
      await folder.remove()
    },
  }
})
