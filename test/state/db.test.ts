import { createLiveQueryCollection, eq } from '@tanstack/db'
import { DurableStreamTestServer } from '@durable-streams/server'
import { afterEach, describe, expect, expectTypeOf, it, onTestFinished, vi } from 'vitest'
import { createStreamDB, type InvalidEvent } from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { startServer } from '../support/server.ts'
import { chatUrl, openChat, plain, rowsOf, schema, someoneElse } from './chat.ts'

afterEach(() => vi.unstubAllGlobals())

const ada = { id: '1', name: 'Ada' }
const hello = { id: 'm1', userId: '1', text: 'Hello' }

async function referenceUrl(): Promise<string> {
  const server = new DurableStreamTestServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.stop())
  return `${await server.start()}/v1/stream/chat`
}

describe.each([
  ['our server', chatUrl],
  ['@durable-streams/server', referenceUrl],
])('a database on %s', (_name, openUrl) => {
  it('shows each event in the collection of its type, at once and later on', async () => {
    const url = await openUrl()
    const other = await someoneElse(url)
    await other.appendAll([
      schema.users.insert({ value: ada }),
      schema.messages.insert({ value: hello }),
      schema.visits.upsert({ value: { id: 7, at: '2026-01-01T00:00:00Z' } }),
    ])

    const db = openChat(url)
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({ 1: { ...ada, role: 'guest' } })
    expect(rowsOf(db.collections.messages)).toEqual({ m1: hello })
    expect(rowsOf(db.collections.visits)).toEqual({
      7: { id: 7, at: new Date('2026-01-01T00:00:00Z') },
    })
    expect(db.status.current).toEqual({ kind: 'live' })

    await other.append(schema.users.update({ value: { ...ada, name: 'Ada L.' } }))
    await other.append(schema.messages.delete({ key: 'm1' }))
    await eventually(() => expect(db.collections.messages.size).toBe(0))
    expect(plain(db.collections.users.get('1'))).toEqual({ ...ada, name: 'Ada L.', role: 'guest' })
  })

  it('makes the stream when there is none, and lets two people see each other', async () => {
    const url = await openUrl()
    const [one, two] = [openChat(url), openChat(url)]
    await Promise.all([one.preload(), two.preload()])

    await one.collections.users.insert(ada).isPersisted.promise
    await eventually(() => expect(two.collections.users.has('1')).toBe(true))
    await two.collections.users.delete('1').isPersisted.promise
    await eventually(() => expect(one.collections.users.size).toBe(0))
  })
})

describe('reading', () => {
  it('starts when a collection is first looked at, without preload', async () => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(schema.users.insert({ value: ada }))
    const db = openChat(url)
    expect(db.status.current).toEqual({ kind: 'idle' })

    const names = createLiveQueryCollection((q) =>
      q.from({ u: db.collections.users }).select(({ u }) => ({ id: u.id, name: u.name })),
    )
    await names.preload()
    expect([...names.values()].map((row) => row.name)).toEqual(['Ada'])
  })

  it('fills a collection that is looked at late, or again', async () => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(schema.messages.insert({ value: hello }))
    const db = openChat(url)
    await db.collections.users.preload()
    await db.collections.messages.preload()
    expect(rowsOf(db.collections.messages)).toEqual({ m1: hello })

    await db.collections.messages.cleanup()
    await db.collections.messages.preload()
    expect(rowsOf(db.collections.messages)).toEqual({ m1: hello })
  })

  it('stops at the present end without live, and goes on from there when asked again', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url, { live: false })
    await db.preload()
    await other.append(schema.users.insert({ value: ada }))
    expect(db.status.current).toEqual({ kind: 'idle' })

    await db.preload()
    expect(db.collections.users.has('1')).toBe(true)

    await db.collections.users.insert({ id: '2', name: 'Bob' }).isPersisted.promise
    expect(db.collections.users.size).toBe(2)
  })

  it('takes strange keys for what they are, and rows as the schema made them', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const keys = ['__proto__', 'constructor', 'ключ', '1', ' ']
    for (const key of keys) await other.append(schema.users.insert({ value: { ...ada, id: key } }))
    await other.append(schema.users.insert({ value: { ...ada, id: 'x' }, key: 'user:x' }))

    const db = openChat(url)
    await db.preload()
    for (const key of keys) {
      expect(plain(db.collections.users.get(key))).toEqual({ ...ada, id: key, role: 'guest' })
    }
    expect(plain(db.collections.users.get('user:x'))).toEqual({ ...ada, id: 'x', role: 'guest' })
    expect(db.collections.users.size).toBe(keys.length + 1)
  })

  it('never shows a row without the row it refers to when both came in one append', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const gated = gatedFetch()
    const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
    await db.preload()
    const authors = createLiveQueryCollection((q) =>
      q
        .from({ m: db.collections.messages })
        .join({ u: db.collections.users }, ({ m, u }) => eq(m.userId, u.id), 'left')
        .select(({ m, u }) => ({ of: m.id, other: u?.name })),
    )
    const letters = createLiveQueryCollection((q) =>
      q
        .from({ u: db.collections.users })
        .join({ m: db.collections.messages }, ({ m, u }) => eq(m.userId, u.id), 'left')
        .select(({ m, u }) => ({ of: u.id, other: m?.text })),
    )
    await Promise.all([authors.preload(), letters.preload()])

    // A write of our own that is under way must not hold some collections back and others not.
    await other.append(schema.users.insert({ value: { id: 'me', name: 'Me' } }))
    await eventually(() => expect(db.collections.users.has('me')).toBe(true))
    const own = db.collections.messages.insert({ id: 'mine', userId: 'me', text: 'On its way' })
    const torn: unknown[] = []
    for (const query of [authors, letters]) {
      query.subscribeChanges(() => {
        torn.push(...query.toArray.filter(({ other }) => other === undefined))
      })
    }
    for (let i = 0; i < 20; i++) {
      const user = schema.users.insert({ value: { id: `u${i}`, name: `User ${i}` } })
      const message = schema.messages.insert({
        value: { id: `m${i}`, userId: `u${i}`, text: 'Hi' },
      })
      await other.appendAll(i % 2 ? [user, message] : [message, user])
      await eventually(() => expect(authors.size).toBe(i + 2))
    }
    expect(own.state).toBe('pending')
    gated.open()
    await own.isPersisted.promise

    expect(torn).toEqual([])
    expect([authors.size, letters.size]).toEqual([21, 21])
  })

  it('shows one batch as one change, however many events it holds of one row', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    await db.preload()
    const changes: unknown[] = []
    db.collections.users.subscribeChanges((batch) => {
      changes.push(batch.map(({ type, key }) => `${type} ${String(key)}`))
    })
    await other.appendAll([
      schema.users.insert({ value: ada }),
      ...['A', 'B', 'C'].map((name) => schema.users.update({ value: { ...ada, name } })),
      schema.users.insert({ value: { id: '2', name: 'Bob' } }),
      schema.users.delete({ key: '2' }),
    ])
    await eventually(() => expect(db.collections.users.get('1')?.name).toBe('C'))
    expect(changes).toEqual([['insert 1']])
  })
})

describe('what does not fit', () => {
  it('is skipped and reported, and the rest of the batch is applied', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const start = (await other.head()).offset
    const bad = schema.users.insert({ value: ada })
    await other.appendAll([
      schema.users.insert({ value: ada }),
      { ...bad, key: '2', value: { id: '2' } },
      { ...bad, key: '3', value: 3 },
      { hello: 'world' },
      null,
      { type: 'weather', key: '1', value: 'rain', headers: { operation: 'insert' } },
      schema.messages.insert({ value: hello }),
    ])

    const invalid: InvalidEvent[] = []
    const seen: string[] = []
    const db = openChat(url, {
      onInvalid: (report) => invalid.push(report),
      onEvent: ({ type, key }) => seen.push(`${type} ${key}`),
    })
    await db.preload()

    expect(db.collections.users.size).toBe(1)
    expect(db.collections.messages.size).toBe(1)
    expect(invalid.map(({ event }) => event)).toEqual([
      { ...bad, key: '2', value: { id: '2' } },
      { ...bad, key: '3', value: 3 },
      { hello: 'world' },
      null,
    ])
    expect(invalid[0]!.issues[0]!.path).toEqual(['name'])
    expect(invalid[2]!.issues[0]!.message).toContain('headers')
    expect(invalid.every(({ offset }) => offset <= start || offset === '-1')).toBe(true)
    expect(seen).toEqual(['user 1', 'user 2', 'user 3', 'weather 1', 'message m1'])
    expect(db.counts).toEqual({ applied: 2, superseded: 0, invalid: 4, unknown: 1 })
  })

  it('never stops the stream, not even by callbacks that throw or reject', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const url = await chatUrl()
    const other = await someoneElse(url)
    const fail = (name: string) => (): never => {
      throw new Error(name)
    }
    const db = openChat(url, {
      onEvent: fail('onEvent'),
      onInvalid: fail('onInvalid'),
      onBeforeBatch: fail('onBeforeBatch'),
      onBatch: async () => fail('onBatch')(),
    })
    await db.preload()
    db.collections.users.subscribeChanges(fail('subscriber'))
    onTestFinished(db.status.subscribe(fail('status')))
    await other.appendAll([{ no: 'event' }, schema.users.insert({ value: ada })])
    await eventually(() => expect(db.collections.users.has('1')).toBe(true))
    await other.append(schema.users.insert({ value: { ...ada, id: '2' } }))
    await eventually(() => expect(db.collections.users.has('2')).toBe(true))

    const names = new Set(reported.map((error) => (error as Error).message))
    expect([...names]).toEqual(
      expect.arrayContaining(['onEvent', 'onInvalid', 'onBeforeBatch', 'onBatch', 'subscriber']),
    )
    expect(db.status.current).toEqual({ kind: 'live' })
  })

  it('leaves the events of an asynchronous schema out, and says so', async () => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(schema.users.insert({ value: ada }))
    const invalid: InvalidEvent[] = []
    const asynchronous = {
      ...schema.users,
      schema: {
        '~standard': { version: 1, vendor: 'x', validate: () => Promise.reject(new Error('no')) },
      },
    } as unknown as (typeof schema)['users']
    const db = createStreamDB({
      streamOptions: { url },
      state: { users: asynchronous },
      onInvalid: (report) => invalid.push(report),
    })
    onTestFinished(() => db.close())
    await db.preload()
    expect(invalid[0]!.issues[0]!.message).toContain('asynchronously')
  })
})

describe('batches', () => {
  it('are announced before they show, and confirmed once they do', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const log: string[] = []
    const db = openChat(url, {
      onBeforeBatch: ({ items }) =>
        log.push(`before ${items.length}: ${db.collections.users.size}`),
      onBatch: ({ items, offset }) =>
        log.push(`after ${items.length}: ${db.collections.users.size}, ${offset === db.offset}`),
    })
    await db.preload()
    await other.append(schema.users.insert({ value: ada }))
    await eventually(() => expect(db.collections.users.size).toBe(1))
    expect(log.filter((line) => !line.includes(' 0: '))).toEqual([
      'before 1: 0',
      'after 1: 1, true',
    ])
  })

  it('of a long history show in slices that never cut a transaction, and leave room to others', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const pairs = Array.from({ length: 9_000 }, (_, i) => {
      const headers = { txid: `t${i}` }
      return [
        schema.users.insert({ value: { id: `${i}`, name: 'Someone' }, headers }),
        schema.messages.insert({ value: { id: `${i}`, userId: `${i}`, text: 'Hi' }, headers }),
      ]
    })
    await other.appendAll(pairs.flat())

    const db = openChat(url)
    const sizes: [number, number][] = []
    let turns = 0
    let isDone = false
    const turn = (): void => {
      turns++
      if (!isDone) setTimeout(turn)
    }
    turn()
    db.collections.messages.subscribeChanges(() => {
      sizes.push([db.collections.users.size, db.collections.messages.size])
    })
    await db.preload()
    isDone = true

    expect(sizes.length).toBeGreaterThan(1)
    expect(sizes.every(([users, messages]) => users === messages)).toBe(true)
    expect(sizes.at(-1)).toEqual([9_000, 9_000])
    expect(turns).toBeGreaterThan(3)
  })
})

describe('using it', () => {
  it('needs one stream', () => {
    expect(() => createStreamDB({ state: schema })).toThrow('exactly one of stream')
    const { stream } = openChat('http://127.0.0.1:1/x')
    expect(() =>
      createStreamDB({ state: schema, stream, streamOptions: { url: stream.url } }),
    ).toThrow('exactly one of')
  })

  it('gives collections the types of the schema', async () => {
    const { url } = await startServer()
    const db = openChat(`${url}/typed`)
    const { visits, users } = db.collections
    expectTypeOf(visits.toArray).toExtend<{ id: number; at: Date }[]>()
    expectTypeOf(users.toArray).toExtend<{ id: string; name: string; role: string }[]>()
    expectTypeOf(db.collections.users.insert)
      .parameter(0)
      .toExtend<{ id: string; name: string; role?: string | undefined } | unknown[]>()
    // @ts-expect-error there is no such collection
    expect(db.collections.rooms).toBeUndefined()
  })
})
