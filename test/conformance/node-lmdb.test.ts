import { createDurableStreamServer } from '../../dev-server/index.ts'
import { createFolder } from '../support/folder.ts'
import { describeConformance } from './suite.ts'

describeConformance('node:http, LMDB', async () => {
  const folder = await createFolder()
  const server = createDurableStreamServer({
    port: 0,
    longPollTimeoutMs: 1_000,
    subscriptions: { allowLocalWebhooks: true },
    storage: { lmdb: { path: folder.path } },
  })
  return {
    origin: new URL(await server.start()).origin,
    async stop() {
      await server.stop()
      await folder.remove()
    },
  }
})
