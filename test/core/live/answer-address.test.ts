import { expect, it, onTestFinished } from 'vitest'
import { createLiveFetch } from '../../../src/core/live/create-live-fetch.ts'
import { MULTIPLEX, NEXT_OFFSET } from '../../../src/core/protocol.ts'
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
  const target = `${stream}?offset=${headers.get(NEXT_OFFSET)}&live=sse`
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const response = await fetchLive({
    target: new URL(target),
    init: { signal: controller.signal },
    send: fetch,
    multiplex: takesTurns ? null : headers.get(MULTIPLEX),
  })

  expect(response.status).toBe(200)
  expect(response.url).toBe(target)
})
