import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { createFetchHandler } from '../../dev-server/index.ts'
import { eventually } from '../support/eventually.ts'
import { startFetchHost } from '../support/fetch-host.ts'
import { openHttp2Session } from '../support/http2-session.ts'
import { openMultiplexed } from '../support/multiplexed.ts'
import { createStream, post } from '../support/server.ts'
import { watchedStorage } from '../support/watched-storage.ts'

const ROOT = 'http://a.example/v1/stream'
const JSON_TYPE = { 'content-type': 'application/json' }

it('many streams are read over one stream of HTTP/2', async () => {
  const session = await openHttp2Session()
  const send = async (method: string, path: string, body: string) => {
    const request = session.request({
      ':method': method,
      ':path': `/v1/stream/${path}`,
      ...JSON_TYPE,
    })
    request.end(body)
    await once(request, 'response')
    return request.setEncoding('utf8')
  }
  for (const path of ['a', 'b']) (await send('PUT', path, '[]')).resume()
  const wanted = ['a', 'b'].map((path) => ({ path, offset: 'now' }))
  const read = await send('POST', '__ds/live', JSON.stringify({ streams: wanted }))
  let text = ''
  read.on('data', (part: string) => (text += part))
  await eventually(() => expect(text.match(/"upToDate":true/g)).toHaveLength(2))
  for (const path of ['a', 'b']) (await send('POST', path, `"to ${path}"`)).resume()
  await eventually(() => {
    for (const path of ['a', 'b']) expect(text).toContain(`id: ${path}\ndata:["to ${path}"]`)
  })
  read.close()
})

it('many streams are read through a host of the Fetch standard, to which a hang-up is told', async () => {
  const storage = watchedStorage()
  const handler = createFetchHandler({ storage })
  const { origin, stop } = await startFetchHost((request) => handler.fetch(request))
  onTestFinished(async () => {
    await handler.close()
    await stop()
  })
  const url = `${origin}/v1/stream`
  const paths = ['a', 'rooms/1', 'rooms/2']
  for (const path of paths) await createStream(url, { path })
  const read = await openMultiplexed(
    url,
    paths.map((path) => ({ path, offset: '-1' })),
  )
  for (const path of paths) {
    await read.read(path)
    await post(`${url}/${path}`, `"${path}"`)
    expect((await read.read(path)).data).toEqual([`["${path}"]`])
  }
  expect(storage.watchers()).toBe(3)
  await read.close()
  await eventually(() => expect(storage.watchers()).toBe(0))
})

it('closing a handler ends what it reads, also where the rules have not answered yet', async () => {
  const handler = createFetchHandler({
    authorize: ({ path }) =>
      path === 'slow' ? new Promise<never>(() => undefined) : { allowed: true },
  })
  const ask = (request: Request): Promise<Response> => handler.fetch(request)
  await ask(new Request(`${ROOT}/a`, { method: 'PUT', headers: JSON_TYPE }))
  const open = (...paths: string[]) =>
    openMultiplexed(
      ROOT,
      paths.map((path) => ({ path, offset: 'now' })),
      { fetch: ask },
    )
  const [slow, both] = [await open('slow'), await open('slow', 'a')]
  await both.read('a')
  await handler.close()
  expect(await slow.rest()).toEqual([])
  expect(await both.rest()).toEqual([])
})
