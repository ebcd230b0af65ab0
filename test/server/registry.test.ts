import { expect, it } from 'vitest'
import { memoryStorage } from '../../dev-server/index.ts'
import { MaterializedState, type ChangeEvent } from '../../src/state/index.ts'
import { openEvents } from '../support/events.ts'
import { createStream, post, startServer } from '../support/server.ts'

const NOW = Date.UTC(2030, 0, 1)
const CREATED = '2030-01-01T00:00:00.000Z'

/** A server that stands at one moment, moved by hand, and how its registry reads. */
async function registryOnServer(options: Parameters<typeof startServer>[0] = {}) {
  const clock = { now: NOW }
  const storage = memoryStorage()
  const { url } = await startServer({ storage, now: () => clock.now, ...options })
  const registry = `${url}/__registry__`
  const events = async (): Promise<ChangeEvent[]> => (await fetch(registry)).json()
  const rows = async () => {
    const state = new MaterializedState()
    for (const event of await events()) state.apply(event)
    return state.getType('stream')
  }
  return { url, clock, storage, registry, events, rows }
}

it('a tool that folds the registry knows every stream there is', async () => {
  const { url, clock, rows } = await registryOnServer()
  await createStream(url, { path: 'plain', contentType: 'text/plain' })
  await createStream(url, { path: 'brief', headers: { 'stream-ttl': '60' } })
  const until = '2031-01-01T00:00:00Z'
  await createStream(url, { path: 'until', headers: { 'stream-expires-at': until } })
  await createStream(url, { path: 'done', body: '1', headers: { 'stream-closed': 'true' } })
  await createStream(url, { path: 'fork', headers: { 'stream-forked-from': 'done' } })
  await createStream(url, { path: 'gone' })
  clock.now += 1_000
  await fetch(`${url}/plain`, { method: 'POST', headers: { 'stream-closed': 'true' } })
  await fetch(`${url}/gone`, { method: 'DELETE' })

  const json = { contentType: 'application/json', createdAt: CREATED, closed: false }
  expect(Object.fromEntries(await rows())).toEqual({
    plain: { path: 'plain', contentType: 'text/plain', createdAt: CREATED, closed: true },
    brief: { path: 'brief', ...json, ttlSeconds: 60 },
    until: { path: 'until', ...json, expiresAt: until },
    done: { path: 'done', ...json, closed: true },
    fork: { path: 'fork', ...json, forkedFrom: { path: 'done', offset: '0000000000000003' } },
  })
})

it('says when each thing happened, and nothing of appends', async () => {
  const { url, clock, events } = await registryOnServer()
  const stream = await createStream(url, { headers: { 'stream-ttl': '60' } })
  clock.now += 1_000
  await post(stream, '1')
  await post(stream, '2', { 'content-type': 'application/json', 'stream-closed': 'true' })
  await fetch(stream, { method: 'POST', headers: { 'stream-closed': 'true' } })
  clock.now += 60_000
  expect((await fetch(stream)).status).toBe(404)

  expect((await events()).map(({ type, key, headers }) => [type, key, headers])).toEqual([
    ['stream', 'a', { operation: 'insert', timestamp: CREATED }],
    ['stream', 'a', { operation: 'update', timestamp: '2030-01-01T00:00:01.000Z' }],
    ['stream', 'a', { operation: 'delete', timestamp: '2030-01-01T00:01:01.000Z' }],
  ])
})

it('is there before any stream is, and can be followed from then on', async () => {
  const { url, registry } = await registryOnServer()
  expect((await fetch(registry, { method: 'HEAD' })).headers.get('content-type')).toBe(
    'application/json',
  )
  expect(await (await fetch(registry)).json()).toEqual([])
  const events = await openEvents(`${registry}?offset=now&live=sse`)
  await events.nextControl()
  await createStream(url, { path: 'news' })
  expect(JSON.parse((await events.nextControl())!.data!)).toMatchObject([{ key: 'news' }])
})

it.each(['PUT', 'POST', 'DELETE'])('takes no %s from anybody', async (method) => {
  const { url, registry, events } = await registryOnServer()
  await createStream(url)
  const init = { method, headers: { 'content-type': 'application/json', 'stream-closed': 'true' } }
  expect((await fetch(registry, init)).status).toBe(403)
  expect((await fetch(`${registry}/below`, init)).status).toBe(403)
  expect(await events()).toHaveLength(1)
})

it('refuses the stream that would be one too many, however many ask at once', async () => {
  const { url, rows } = await registryOnServer({ maxStreams: 5 })
  const create = async (path: string) => (await fetch(`${url}/${path}`, { method: 'PUT' })).status
  const statuses = await Promise.all(Array.from({ length: 20 }, (_, i) => create(`s${i}`)))
  expect(statuses.toSorted()).toEqual([...Array(5).fill(201), ...Array(15).fill(507)])
  const [there] = (await rows()).keys()
  expect(await create(there!)).toBe(200)
  await fetch(`${url}/${there}`, { method: 'DELETE' })
  expect([await create('one'), await create('more')]).toEqual([201, 507])
})

it('counts what forks keep as a stream, for it takes room', async () => {
  const { url } = await registryOnServer({ maxStreams: 2 })
  const source = await createStream(url)
  const fork = await createStream(url, { path: 'f', headers: { 'stream-forked-from': 'a' } })
  await fetch(source, { method: 'DELETE' })
  const third = (): Promise<Response> => fetch(`${url}/third`, { method: 'PUT' })
  expect((await third()).status).toBe(507)
  await fetch(fork, { method: 'DELETE' })
  expect((await third()).status).toBe(201)
})

it('a stream takes no more producers than the limit, and goes on with those it knows', async () => {
  const { url } = await registryOnServer({ maxProducersPerStream: 2 })
  const stream = await createStream(url)
  const write = async (id: string, seq: number) => {
    const producer = { 'producer-id': id, 'producer-epoch': '0', 'producer-seq': String(seq) }
    const response = await post(stream, '1', { 'content-type': 'application/json', ...producer })
    return response.status
  }
  const ids = ['p', 'q', 'r']
  const statuses = await Promise.all(ids.map((id) => write(id, 0)))
  expect(statuses.toSorted()).toEqual([200, 200, 403])
  const [known, unknown] = [200, 403].map((status) => ids[statuses.indexOf(status)]!)
  expect([
    await write(known!, 1),
    await write(unknown!, 0),
    (await post(stream, '1')).status,
  ]).toEqual([200, 403, 204])
})
