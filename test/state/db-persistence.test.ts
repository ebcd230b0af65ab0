import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { DurableStream } from 'streamwell'
import { createStateSchema, createStreamDB } from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { chatUrl, FAST, openChat, rowsOf, schema, someoneElse } from './chat.ts'
import { countingFetch, degraded, DRIVERS, keptTexts, leave, silent } from './kept-chat.ts'

const user = (id: string, name = 'Someone') => schema.users.upsert({ value: { id, name } })
const control = (name: 'reset' | 'snapshot-start' | 'snapshot-end') => ({
  headers: { control: name },
})
const named = (...names: [id: string, name: string][]) =>
  Object.fromEntries(names.map(([id, name]) => [id, { id, name, role: 'guest' }]))

describe.each(DRIVERS)('rows kept in $name', ({ start }) => {
  it('show while the server is away, in all collections, as the schema makes them', async () => {
    const visit = await start()
    const { url: serverUrl, server } = await startServer()
    const url = `${serverUrl}/chat`
    const other = await someoneElse(url)
    await other.appendAll([
      user('1', 'Ada'),
      schema.messages.insert({ value: { id: 'm', userId: '1', text: 'Hello' } }),
      schema.visits.insert({ value: { id: 7, at: '2026-01-01T00:00:00Z' } }),
      schema.users.upsert({ key: '__proto__', value: { id: 'x', name: 'Strange' } }),
    ])
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await leave(first, visit())
    await server.stop()

    const db = openChat(url, { persistence: visit() })
    let isCaughtUp = false
    void db.preload().then(
      () => (isCaughtUp = true),
      () => {},
    )
    await Promise.all(Object.values(db.collections).map((collection) => collection.preload()))
    const kept = named(['1', 'Ada'])
    const strange = { id: 'x', name: 'Strange', role: 'guest' }
    expect(rowsOf(db.collections.users)).toEqual({ ...kept, ['__proto__']: strange })
    expect(rowsOf(db.collections.messages)).toEqual({
      m: { id: 'm', userId: '1', text: 'Hello' },
    })
    expect(rowsOf(db.collections.visits)).toEqual({
      7: { id: 7, at: new Date('2026-01-01T00:00:00Z') },
    })
    expect(['connecting', 'offline']).toContain(db.status.current.kind)
    expect(isCaughtUp).toBe(false)
  })

  it('are read on from where they end: no byte of history is fetched twice', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    for (let i = 0; i < 20; i++) await other.append(user(`${i}`, 'x'.repeat(1_000)))
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await other.append(user('live'))
    await eventually(() => expect(first.collections.users.size).toBe(21))
    await leave(first, visit())

    await other.append(user('new'))
    const { offset } = first
    const counted = countingFetch()
    const streamOptions = { url, backoff: FAST, fetch: counted.fetch }
    const db = openChat(url, { persistence: visit(), streamOptions })
    await db.preload()
    expect(db.collections.users.size).toBe(22)
    expect(counted.offsets[0]).toBe(offset)
    expect(counted.offsets).not.toContain('-1')
    expect(counted.bytes).toBeLessThan(500)
  })

  it('are those of the last of many visits, deletions as well', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    for (let i = 0; i < 5; i++) {
      await other.appendAll([user(`${i}`), user('same', `${i}`)])
      if (i > 1) await other.append(schema.users.delete({ key: `${i - 2}` }))
      const db = openChat(url, { persistence: visit() })
      await db.preload()
      await leave(db, visit())
    }
    const db = openChat(url, { persistence: visit(), stream: silent(url) })
    await db.collections.users.preload()
    expect(rowsOf(db.collections.users)).toEqual(
      named(['3', 'Someone'], ['4', 'Someone'], ['same', '4']),
    )
  })

  it('are written by one tab, and by the next when that one is closed', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append(user('1'))
    const [one, two] = [visit(), visit()]
    const first = openChat(url, { persistence: one })
    await first.preload()
    await eventually(async () => expect(await keptTexts(url, two)).toHaveLength(1))
    const second = openChat(url, { persistence: two })
    await second.preload()
    await other.append(user('2'))
    await eventually(() => expect(first.collections.users.size).toBe(2))
    await eventually(async () => expect(await keptTexts(url, two)).toHaveLength(2))
    first.close()
    await other.append(user('3'))
    await eventually(() => expect(second.collections.users.size).toBe(3))
    const { offset } = second
    await eventually(async () => expect((await keptTexts(url, two)).join('')).toContain(offset))
    await leave(second, two)

    const db = openChat(url, { persistence: visit(), stream: silent(url) })
    await db.collections.users.preload()
    expect([...db.collections.users.keys()].toSorted()).toEqual(['1', '2', '3'])
    expect(db.offset).toBe(offset)
    expect(degraded).toEqual([])
  })

  it('go when another version of the schema comes', async () => {
    const visit = await start()
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1'))
    for (const schemaVersion of [1, 2, '2', 2] as const) {
      const counted = countingFetch()
      const streamOptions = { url, backoff: FAST, fetch: counted.fetch }
      const db = openChat(url, { persistence: visit(), schemaVersion, streamOptions })
      await db.preload()
      expect(counted.offsets[0]).toBe('-1')
      expect(db.collections.users.size).toBe(1)
      await leave(db, visit())
    }
  })

  it('give way to what the server has now, when it lost their stream', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1'), user('2')])
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await leave(first, visit())
    await other.delete()

    const second = openChat(url, { persistence: visit() })
    await second.preload()
    expect(second.collections.users.size).toBe(0)
    await (await someoneElse(url)).append(user('3'))
    await eventually(() => expect([...second.collections.users.keys()]).toEqual(['3']))
    await leave(second, visit())
    const third = openChat(url, { persistence: visit(), stream: silent(url) })
    await third.collections.users.preload()
    expect([...third.collections.users.keys()]).toEqual(['3'])
  })
})

describe('what is kept', () => {
  const start = DRIVERS[0]!.start

  it('is never half a snapshot: it is read again from its start', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1'), user('2')])
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    const before = first.offset
    await other.appendAll([control('snapshot-start'), user('2', 'Bob')])
    await eventually(() => expect(first.collections.users.get('2')?.name).toBe('Bob'))
    await leave(first, visit())

    const texts = (await keptTexts(url, visit())).join('')
    expect(texts).toContain(before)
    expect(texts).not.toContain('Bob')
    await other.append(control('snapshot-end'))
    const second = openChat(url, { persistence: visit() })
    await second.preload()
    expect(rowsOf(second.collections.users)).toEqual(named(['2', 'Bob']))
    await leave(second, visit())
    const third = openChat(url, { persistence: visit(), stream: silent(url) })
    await third.collections.users.preload()
    expect(rowsOf(third.collections.users)).toEqual(named(['2', 'Bob']))
  })

  it('knows of a reset', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1'), user('2')])
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await other.appendAll([control('reset'), user('3')])
    await eventually(() => expect([...first.collections.users.keys()]).toEqual(['3']))
    await leave(first, visit())
    const second = openChat(url, { persistence: visit(), stream: silent(url) })
    await second.collections.users.preload()
    expect([...second.collections.users.keys()]).toEqual(['3'])
  })

  it('is what the server has now, where it lost a stream and has one of the same length', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    const { offset } = await other.append(user('1'))
    let isAsked = false
    let letThrough = (): void => {}
    const held = new Promise<void>((resolve) => (letThrough = resolve))
    const holding: typeof fetch = async (input, init) => {
      if (init?.method === 'PUT') isAsked = true
      if (init?.method === 'PUT') await held
      return fetch(input, init)
    }
    const first = openChat(url, {
      persistence: visit(),
      streamOptions: { url, backoff: FAST, fetch: holding },
    })
    await first.preload()
    await eventually(async () => expect(await keptTexts(url, visit())).toHaveLength(1))
    await other.delete()
    await eventually(() => expect(isAsked).toBe(true))
    await (await someoneElse(url)).append(user('2'))
    letThrough()
    await eventually(() => expect([...first.collections.users.keys()]).toEqual(['2']))
    expect(first.offset).toBe(offset)
    await leave(first, visit())

    const second = openChat(url, { persistence: visit(), stream: silent(url) })
    await second.collections.users.preload()
    expect([...second.collections.users.keys()]).toEqual(['2'])
  })

  it('makes no collection ready when it is nothing', async () => {
    const visit = await start()
    const url = await chatUrl()
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await leave(first, visit())
    const second = openChat(url, { persistence: visit(), stream: silent(url) })
    void second.preload().catch(() => {})
    await eventually(() => expect(second.offset).toBe(first.offset))
    expect(second.collections.users.status).toBe('loading')
  })

  it('lets a write go on from the version of its row', async () => {
    const visit = await start()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1', 'a'), { ...user('2', 'b'), type: 'foreign' }, user('2', 'b')])
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await leave(first, visit())

    const second = openChat(url, { persistence: visit() })
    await second.preload()
    const update = second.collections.users.update('2', (draft) => void (draft.name += '!'))
    await update.isPersisted.promise
    expect(second.counts.superseded).toBe(0)
    // Its condition is about a row of a type that nobody here knows.
    await other.appendAll([
      {
        type: 'foreign',
        key: '2',
        value: 1,
        headers: { operation: 'update', txid: 't', base: '2' },
      },
      { ...user('3', 'c'), headers: { operation: 'upsert', txid: 't' } },
    ])
    await eventually(() => expect(second.collections.users.has('3')).toBe(true))
    const fresh = openChat(url)
    await fresh.preload()
    expect(rowsOf(fresh.collections.users)).toEqual(rowsOf(second.collections.users))
  })

  it('is validated again, and what no longer fits is told of and dropped', async () => {
    const visit = await start()
    const url = await chatUrl()
    await (await someoneElse(url)).appendAll([user('1', 'ok'), user('2', 'far too long')])
    const first = openChat(url, { persistence: visit() })
    await first.preload()
    await leave(first, visit())

    const invalid: unknown[] = []
    const short = z.object({ id: z.string(), name: z.string().max(5) })
    const db = createStreamDB({
      streamOptions: { url },
      state: createStateSchema({ ...schema, users: { ...schema.users, schema: short } }),
      persistence: visit(),
      onInvalid: ({ event, offset }) => invalid.push([event, offset]),
    })
    onTestFinished(db.close)
    await db.preload()
    expect([...db.collections.users.keys()]).toEqual(['1'])
    expect(invalid).toEqual([[user('2', 'far too long'), first.offset]])
  })

  it('is kept apart for different users, and says nothing of their credentials', async () => {
    const visit = await start()
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1'))
    const withToken = new URL(`${url}?access_token=secret#part`)
    withToken.username = 'me'
    withToken.password = 'secret'
    const stream = new DurableStream({ url })
    const db = openChat(url, {
      stream: { ...openChat(url).stream, follow: stream.follow.bind(stream), url: withToken.href },
      persistence: visit(),
      persistenceScope: 'ada',
    })
    await db.preload()
    db.close()
    await eventually(async () => expect(await visit().list('')).toEqual([`rows:ada:${url}`]))

    const bob = openChat(url, {
      stream: silent(url),
      persistence: visit(),
      persistenceScope: 'bob',
    })
    void bob.preload().catch(() => {})
    await eventually(() => expect(bob.status.current.kind).toBe('connecting'))
    expect(bob.collections.users.size).toBe(0)
  })
})
