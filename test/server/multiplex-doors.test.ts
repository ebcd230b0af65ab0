import { once } from 'node:events'
import { connect, createServer, type ClientHttp2Session } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import {
  createFetchHandler,
  createNodeHandler,
  memoryStorage,
  type Storage,
} from '../../dev-server/index.ts'
import { eventually } from '../support/eventually.ts'
import { startFetchHost } from '../support/fetch-host.ts'
import { openMultiplexed } from '../support/multiplexed.ts'
import { createStream, post } from '../support/server.ts'

const ROOT = 'http://a.example/v1/stream'
const JSON_TYPE = { 'content-type': 'application/json' }

/** A handler of `node:http` in an HTTP/2 server, and a connection to it. */
async function openSession(): Promise<ClientHttp2Session> {
  const handler = createNodeHandler()
  const server = createServer((req, res) => {
    void handler.handle(req as unknown as IncomingMessage, res as unknown as ServerResponse)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(async () => {
    session.destroy()
    server.close()
    await handler.close()
  })
  return session
}

it('many streams are read over one stream of HTTP/2', async () => {
  const session = await openSession()
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
  await eventually(() => expect(text).toContain('id: b\ndata:["to b"]'))
  expect(text).toContain('id: a\ndata:["to a"]')
  read.close()
}, 30_000)

it('many streams are read through a host of the Fetch standard, to which a hang-up is told', async () => {
  const storage = memoryStorage()
  let watched = 0
  const watch: Storage['watch'] = (path, listener) => {
    watched += 1
    const unwatch = storage.watch(path, listener)
    return () => {
      watched -= 1
      unwatch()
    }
  }
  const handler = createFetchHandler({ storage: { ...storage, watch } })
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
  expect(watched).toBe(3)
  await read.close()
  await eventually(() => expect(watched).toBe(0))
}, 30_000)

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
