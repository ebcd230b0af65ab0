import { expect, it, onTestFinished } from 'vitest'
import { stream } from '../../../src/core/index.ts'
import { startCuttableProxy } from '../../support/cuttable-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { createStream, post, startServer } from '../../support/server.ts'

const COUNT = 60

it('reads sixty streams of a real server together, also after the connection was cut', async () => {
  const { url } = await startServer()
  const proxy = await startCuttableProxy(Number(new URL(url).port))
  onTestFinished(() => proxy.close())
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const through = new URL(url)
  through.port = String(proxy.port)
  const paths = Array.from({ length: COUNT }, (_, i) => `rooms/${i} ü`)
  const alone: string[] = []
  const watched: typeof fetch = (input, init) => {
    if (String(input).includes('live=')) alone.push(String(input))
    return fetch(input, init)
  }
  const got = paths.map((): unknown[] => [])
  for (const path of paths) await createStream(url, { path: encodeURI(path) })
  await Promise.all(
    paths.map(async (path, i) => {
      const response = await stream({
        url: `${through.href.replace(/\/$/, '')}/${encodeURI(path)}`,
        live: 'sse',
        fetch: watched,
        signal: controller.signal,
      })
      response.subscribeJson(({ items }) => void got[i]!.push(...items))
    }),
  )
  const tell = async (what: string): Promise<void> => {
    for (const path of paths) await post(`${url}/${encodeURI(path)}`, JSON.stringify(what))
  }
  await tell('first')
  await eventually(() => expect(got).toEqual(paths.map(() => ['first'])))
  proxy.cutAll()
  await tell('second')

  await eventually(() => expect(got).toEqual(paths.map(() => ['first', 'second'])))
  expect(alone).toEqual([])
})
