import { expect, it, onTestFinished } from 'vitest'
import { createLiveFetch } from '../../../src/core/live/create-live-fetch.ts'
import { MULTIPLEX } from '../../../src/core/protocol.ts'
import { startServer } from '../../support/server.ts'

it.each([
  ['together with others', false],
  ['in turns', true],
])('names its own stream in what went wrong when it is read %s', async (_, takesTurns) => {
  const { url } = await startServer()
  const stream = `${url}/news`
  const { headers } = await fetch(stream, { method: 'PUT' }).then(() => fetch(stream))
  const fetchLive = createLiveFetch({
    tabs: undefined,
    isLimited: () => takesTurns,
    load: {
      tabs: () => import('../../../src/core/live/tabs/create-tabs.ts'),
      turns: () => import('../../../src/core/live/turns.ts'),
    },
  })
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetchLive({
    target: new URL(`${stream}?offset=-1&live=sse`),
    init: { signal: controller.signal },
    send: fetch,
    multiplex: takesTurns ? null : headers.get(MULTIPLEX),
  })

  expect(response.status).toBe(200)
  expect(response.url).toBe(`${stream}?offset=-1&live=sse`)
})
