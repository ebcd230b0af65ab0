import { createLiveQueryCollection } from '@tanstack/db'
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { DurableStream } from 'streamwell'
import { createStateSchema, createStreamDB, type ChangeEvent } from 'streamwell/state'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { startServer } from '../support/server.ts'
import { chatUrl, FAST, openChat, plain, rowsOf, schema, someoneElse } from './chat.ts'

const ada = { id: '1', name: 'Ada' }
const hello = { id: 'm1', userId: '1', text: 'Hello' }

async function logOf(url: string): Promise<ChangeEvent[]> {
  return (await (await fetch(url)).json()) as ChangeEvent[]
}

describe('a writable collection', () => {
  it('shows a row at once, as every reader will see it, and never lets go of it', async () => {
    const url = await chatUrl()
    const gated = gatedFetch()
    const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
    await db.preload()
    const query = createLiveQueryCollection((q) => q.from({ u: db.collections.users }))
    await query.preload()
    const states: unknown[] = []
    db.collections.users.subscribeChanges(() => states.push(rowsOf(db.collections.users)))
    query.subscribeChanges(() => states.push(rowsOf(query as never)))

    const write = db.collections.users.insert(ada)
    const shown = { 1: { ...ada, role: 'guest' } }
    expect(rowsOf(db.collections.users)).toEqual(shown)
    gated.open()
    await write.isPersisted.promise

    expect(db.collections.users.get('1')).toMatchObject({ ...shown[1], $synced: true })
    expect(states.length).toBeGreaterThan(0)
    expect(states.filter((state) => !sameJson(state, shown))).toEqual([])
  })

  it('sends what the schema takes in, and shows what it gives', async () => {
    const url = await chatUrl()
    const db = openChat(url)
    await db.preload()
    const at = '2026-01-01T00:00:00Z'
    const write = db.collections.visits.insert({ id: 7, at })
    expect(plain(db.collections.visits.get('7'))).toEqual({ id: 7, at: new Date(at) })
    await write.isPersisted.promise

    const [event] = await logOf(url)
    expect(event).toMatchObject({
      type: 'visit',
      key: '7',
      value: { id: 7, at },
      headers: { operation: 'insert', txid: expect.any(String) },
    })
    expect(plain(db.collections.visits.get('7'))).toEqual({ id: 7, at: new Date(at) })
  })

  it('updates and deletes, several rows as one', async () => {
    const url = await chatUrl()
    const db = openChat(url)
    await db.preload()
    await db.collections.users.insert([ada, { id: '2', name: 'Bob' }]).isPersisted.promise
    await db.collections.users.update(['1', '2'], (drafts) => {
      for (const draft of drafts) draft.role = 'host'
    }).isPersisted.promise
    await db.collections.users.delete(['1']).isPersisted.promise

    expect(rowsOf(db.collections.users)).toEqual({ 2: { id: '2', name: 'Bob', role: 'host' } })
    const log = await logOf(url)
    expect(log.map(({ key, headers }) => `${headers.operation} ${key}`)).toEqual([
      'insert 1',
      'insert 2',
      'update 1',
      'update 2',
      'delete 1',
    ])
    expect(log.map(({ headers }) => headers.txid)).toEqual([
      log[0]!.headers.txid,
      log[0]!.headers.txid,
      log[2]!.headers.txid,
      log[2]!.headers.txid,
      log[4]!.headers.txid,
    ])
  })

  it('leaves room for the rows of others while a write is under way', async () => {
    const url = await chatUrl()
    const gated = gatedFetch()
    const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
    const other = await someoneElse(url)
    await db.preload()
    const write = db.collections.users.insert(ada)
    await other.append(schema.users.insert({ value: { id: '2', name: 'Bob' } }))
    await eventually(() => expect([...db.collections.users.keys()].toSorted()).toEqual(['1', '2']))
    expect(write.state).toBe('pending')
    gated.open()
    await write.isPersisted.promise
  })

  it('falls back when the server refuses, and leaves later writes to the row alone', async () => {
    const { url: root } = await startServer({ maxBodyBytes: 500 })
    const url = `${root}/chat`
    const gated = gatedFetch()
    await (await someoneElse(url)).append(schema.users.insert({ value: ada }))
    const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
    await db.preload()

    const tooLong = db.collections.users.update('1', (draft) => {
      draft.name = 'x'.repeat(1_000)
    })
    await gated.arrived
    const fine = db.collections.users.update('1', (draft) => {
      draft.name = 'Ada L.'
    })
    gated.open()
    await expect(tooLong.isPersisted.promise).rejects.toMatchObject({ code: 'too-large' })
    expect(tooLong.state).toBe('failed')
    expect(db.collections.users.get('1')?.name).toBe('Ada L.')
    await fine.isPersisted.promise
    expect(db.collections.users.get('1')?.name).toBe('Ada L.')

    await expect(
      db.collections.messages.insert({ ...hello, text: 'x'.repeat(1_000) }).isPersisted.promise,
    ).rejects.toMatchObject({ code: 'too-large' })
    expect(db.collections.messages.size).toBe(0)
    expect((await logOf(url)).at(-1)).toMatchObject({ key: '1', value: { name: 'Ada L.' } })
  })

  it('says at the call what cannot be written, and shows nothing of it', async () => {
    const url = await chatUrl()
    const db = openChat(url)
    await db.preload()
    const { users, visits } = db.collections
    await users.insert(ada).isPersisted.promise

    expect(() => users.insert({ id: '2' } as never)).toThrow('users.insert: as JSON, the value')
    expect(() => users.insert({ ...ada, id: '' })).toThrow('no key')
    expect(() => users.update('1', (draft) => void (draft.name = 7 as never))).toThrow(
      'users.update: as JSON, the value breaks the schema: name',
    )
    expect(plain(users.get('1'))).toEqual({ ...ada, role: 'guest' })
    expect(users.size).toBe(1)

    // Reading turns the text into a date, and the date into the same text: it can be written back…
    await visits.insert({ id: 7, at: '2026-01-01T00:00:00.000Z' }).isPersisted.promise
    await visits.update('7', (draft) => void ((draft.at as unknown) = new Date(1))).isPersisted
      .promise
    expect(visits.get('7')?.at).toEqual(new Date(1))
  })

  it('does not write back a row that reading would change again', async () => {
    const url = await chatUrl()
    const scores = createStateSchema({
      scores: {
        schema: z.object({ id: z.string(), n: z.number().transform((n) => n * 2) }),
        type: 'score',
        primaryKey: 'id',
      },
    })
    const db = createStreamDB({ streamOptions: { url }, state: scores })
    onTestFinished(() => db.close())
    await db.preload()
    await db.collections.scores.insert({ id: 'a', n: 1 }).isPersisted.promise
    expect(db.collections.scores.get('a')?.n).toBe(2)
    expect(() => db.collections.scores.update('a', (draft) => void draft.n++)).toThrow(
      'Use an action that appends schema.scores.update({ value })',
    )
    expect(db.collections.scores.get('a')?.n).toBe(2)
  })

  it('can be written to before anything was read', async () => {
    const url = await chatUrl()
    const db = openChat(url)
    await db.collections.users.insert(ada).isPersisted.promise
    expect((await logOf(url)).map(({ key }) => key)).toEqual(['1'])
  })
})

describe('an action', () => {
  const open = (url: string, options: { fetch?: typeof fetch } = {}) =>
    openChat(url, {
      streamOptions: { url, ...options },
      actions: ({ db, stream }) => ({
        sendMessage: {
          onMutate: (message: { id: string; userId: string; text: string }) => {
            db.collections.messages.insert(message)
          },
          mutationFn: async (message: { id: string; userId: string; text: string }) => {
            const txid = crypto.randomUUID()
            const headers = { txid }
            const event = schema.messages.insert({ value: message, headers })
            await stream.append(JSON.stringify(event))
            await db.utils.awaitTxId(txid)
            return txid
          },
        },
        fail: {
          onMutate: () => {
            db.collections.users.insert(ada)
            db.collections.messages.delete('m1')
          },
          mutationFn: async () => {
            throw new Error('refused')
          },
        },
        late: { onMutate: async () => {}, mutationFn: async () => {} },
        halfway: {
          onMutate: () => {
            db.collections.users.insert(ada)
            db.collections.users.insert(ada)
          },
          mutationFn: async () => {},
        },
      }),
    })

  it('shows at once, is confirmed by its txid, and never flickers', async () => {
    const url = await chatUrl()
    const gated = gatedFetch()
    const db = open(url, gated)
    await db.preload()
    const states: unknown[] = []
    db.collections.messages.subscribeChanges(() => states.push(rowsOf(db.collections.messages)))

    const sent = db.actions.sendMessage(hello)
    expectTypeOf(sent).resolves.toExtend<string>()
    expect(rowsOf(db.collections.messages)).toEqual({ m1: hello })
    gated.open()
    expect(await sent).toMatch(/-/)

    expect(db.collections.messages.get('m1')).toMatchObject({ ...hello, $synced: true })
    expect(states.filter((state) => !sameJson(state, { m1: hello }))).toEqual([])
    expect((await logOf(url)).length).toBe(1)
  })

  it('falls back in every collection when it fails, and tells its caller', async () => {
    const url = await chatUrl()
    const db = open(url)
    await db.preload()
    await db.actions.sendMessage(hello)
    const failing = db.actions.fail()
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([1, 0])
    await expect(failing).rejects.toThrow('refused')
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([0, 1])

    // Nobody has to wait for it: that is no unhandled rejection.
    void db.actions.fail()
    await eventually(() => expect(db.collections.users.size).toBe(0))
  })

  it('shows nothing when it cannot begin', async () => {
    const url = await chatUrl()
    const db = open(url)
    await db.preload()
    await expect(db.actions.late()).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('actions.late: onMutate must show its rows at once'),
    })
    await expect(db.actions.halfway()).rejects.toThrow()
    expect(db.collections.users.size).toBe(0)
  })

  it('of many at once, each is sent and confirmed', async () => {
    const url = await chatUrl()
    const db = open(url)
    await db.preload()
    const ids = Array.from({ length: 50 }, (_, i) => `m${i}`)
    await Promise.all(ids.map((id) => db.actions.sendMessage({ ...hello, id })))
    expect([...db.collections.messages.keys()].toSorted()).toEqual(ids.toSorted())
    expect((await logOf(url)).length).toBe(50)
  })
})

it('takes a stream at hand, and gives it to the actions', async () => {
  const url = await chatUrl()
  const stream = new DurableStream({ url, contentType: 'application/json', backoff: FAST })
  const db = openChat(url, {
    stream,
    actions: ({ stream: given }) => ({ same: { mutationFn: () => given === stream } }),
  })
  expect(db.stream).toBe(stream)
  expect(await db.actions.same()).toBe(true)
})

function sameJson(one: unknown, two: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(two)
}
