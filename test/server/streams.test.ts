import { expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { memoryStorage } from '../../dev-server/index.ts'
import { createStreams, type LifecycleEvent } from '../../dev-server/operations/streams.ts'
import { perform } from '../support/streams-model.ts'
import { openGround } from '../support/streams-races.ts'

const NOW = Date.UTC(2030, 0, 1)

it('each stream is said to be created, closed and deleted, once and in this order', async () => {
  const { streams, events, clock } = openGround(memoryStorage())
  for (const operation of [
    { do: 'create', path: 'a', closed: true },
    { do: 'create', path: 'a', closed: true },
    { do: 'create', path: 'b' },
    { do: 'append', path: 'b', data: 'x' },
    { do: 'close', path: 'b' },
    { do: 'close', path: 'b' },
    { do: 'fork', path: 'f', source: 'b' },
    { do: 'delete', path: 'b' },
    { do: 'delete', path: 'b' },
    { do: 'delete', path: 'f' },
  ] as const) {
    await perform(streams, operation, clock.now)
  }
  expect(events.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    'created a',
    'closed a',
    'created b',
    'closed b',
    'created f',
    'deleted b',
    'deleted f',
  ])
  expect(events[0]).toEqual({ kind: 'created', path: 'a', contentType: 'text/plain', at: NOW })
})

it.each<[string, (event: LifecycleEvent) => unknown]>([
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
])('a listener that %s stops nothing, and is reported', async (_name, onEvent) => {
  const onError = vi.fn<(error: unknown) => void>()
  const streams = createStreams({ storage: memoryStorage(), now: () => NOW, onEvent, onError })
  expect(await perform(streams, { do: 'create', path: 'a' }, NOW)).toBe('created')
  await eventually(() => expect(onError).toHaveBeenCalledWith(new Error('broken')))
  expect(await perform(streams, { do: 'delete', path: 'a' }, NOW)).toBe('deleted')
})

it('a stream that is read all the time is written to a hundred times per TTL at most', async () => {
  const { streams, storage, clock } = openGround(memoryStorage())
  await perform(streams, { do: 'create', path: 'hot', ttlSeconds: 60 }, clock.now)
  const update = vi.spyOn(storage, 'update')
  for (let i = 0; i < 6_000; i++) {
    clock.now += 10
    const record = await streams.find('hot')
    await streams.touch('hot', record!)
  }
  expect(update.mock.calls.length).toBeLessThanOrEqual(100)
  clock.now += 59_000
  expect(await streams.find('hot')).toBeDefined()
})

it('a read does not prolong the life of the stream that took the place of what it read', async () => {
  const { streams, clock } = openGround(memoryStorage())
  await perform(streams, { do: 'create', path: 'a', ttlSeconds: 60 }, clock.now)
  const before = (await streams.find('a'))!
  await perform(streams, { do: 'delete', path: 'a' }, clock.now)
  await perform(streams, { do: 'create', path: 'a', ttlSeconds: 60 }, clock.now)
  clock.now += 59_000
  await streams.touch('a', before)
  clock.now += 1_000
  expect(await streams.find('a')).toBeUndefined()
})

it('what the server keeps for itself is no stream', async () => {
  const { streams, storage, clock } = openGround(memoryStorage())
  const record = { id: 'x', contentType: '', tail: 0, closed: false } as const
  await storage.update('__ds/keys', () => ({
    outcome: undefined,
    change: {
      kind: 'create',
      record: { ...record, expiry: { kind: 'never' }, document: 'secret' },
    },
  }))
  expect(await streams.find('__ds/keys')).toBeUndefined()
  expect((await streams.page('__ds/keys', 0, 100)).kind).toBe('not-found')
  for (const operation of [
    { do: 'create', path: '__ds/keys' },
    { do: 'append', path: '__ds/keys', data: 'x' },
    { do: 'delete', path: '__ds/keys' },
    { do: 'fork', path: 'f', source: '__ds/keys' },
  ] as const) {
    expect(await perform(streams, operation, clock.now)).toBe('reserved')
  }
})
