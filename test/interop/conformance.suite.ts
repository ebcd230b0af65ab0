import { afterAll, beforeAll, describe } from 'vitest'
import { runConformanceTests } from '@durable-streams/server-conformance-tests'
import { createDurableStreamServer } from '../../dev-server/index.ts'

/** Not part of the normal run: `node scripts/conformance.mjs` runs it and counts. */
describe('streamwell', () => {
  const server = createDurableStreamServer({ port: 0, longPollTimeoutMs: 1_000 })
  const options = { baseUrl: '', subscriptions: true }

  beforeAll(async () => {
    options.baseUrl = new URL(await server.start()).origin
  })
  afterAll(() => server.stop())

  runConformanceTests(options)
})
