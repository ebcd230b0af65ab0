import { createLiveQueryCollection } from '@tanstack/db'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { DurableStream } from 'streamwell'
import {
  type DehydratedStreamDB,
  hydrateStreamDB,
  loadStreamDB,
  memoryPersistence,
} from 'streamwell/state'
import { dehydrateStreamDB } from '../../src/state/ssr/dehydrate-stream-db.ts'
import { eventually } from '../support/eventually.ts'
import { chatUrl, FAST, openChat, rowsOf, schema, someoneElse } from './chat.ts'
import { countingFetch, leave, silent } from './kept-chat.ts'

const user = (id: string, name = 'Someone') => schema.users.upsert({ value: { id, name } })
const named = (...names: [id: string, name: string][]) =>
  Object.fromEntries(names.map(([id, name]) => [id, { id, name, role: 'guest' }]))

/** The rows as a page brings them: through JSON. */
async function pageOf(url: string, schemaVersion?: number): Promise<DehydratedStreamDB> {
  const version = schemaVersion === undefined ? {} : { schemaVersion }
  const patient = { ...version, timeoutMs: 60_000 }
  const rows = await loadStreamDB({ streamOptions: { url }, state: schema, ...patient })
  return JSON.parse(JSON.stringify(rows)) as DehydratedStreamDB
}

/** What is told as an uncaught error in the test that is run. */
function uncaught(): unknown[] {
  const errors: unknown[] = []
  const spy = vi.spyOn(console, 'error').mockImplementation((error) => void errors.push(error))
  onTestFinished(() => spy.mockRestore())
  return errors
}

describe('rows of a page', () => {
  it('are there at once, in collections that are ready, and read on from their offset', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([
      user('1', 'Ada'),
      user('gone'),
      schema.users.delete({ key: 'gone' }),
      schema.visits.insert({ value: { id: 7, at: '2026-01-01T00:00:00Z' } }),
      { type: 'user' },
      schema.users.upsert({ key: '__proto__', value: { id: 'x', name: 'Strange' } }),
    ])
    const page = await pageOf(url)
    await other.append(user('2', 'Bob'))

    const counted = countingFetch()
    const streamOptions = { url, backoff: FAST, fetch: counted.fetch }
    const db = openChat(url, { streamOptions, hydration: hydrateStreamDB(page) })
    const { users, messages, visits } = db.collections
    const strange = { id: 'x', name: 'Strange', role: 'guest' }
    const first = { ...named(['1', 'Ada']), ['__proto__']: strange }
    expect(rowsOf(users)).toEqual(first)
    expect(rowsOf(visits)).toEqual({ 7: { id: 7, at: new Date('2026-01-01T00:00:00Z') } })
    expect([users, messages, visits].map(({ status }) => status)).toEqual(Array(3).fill('ready'))
    const query = createLiveQueryCollection({
      query: (q) => q.from({ user: users }).orderBy(({ user }) => user.name),
      startSync: true,
    })
    expect(query.toArray.map(({ name }) => name)).toEqual(['Ada', 'Strange'])
    expect(query.status).toBe('ready')

    await db.preload()
    expect(rowsOf(users)).toEqual({ ...first, ...named(['2', 'Bob']) })
    expect(counted.offsets[0]).toBe(page.offset)
    expect(counted.offsets).not.toContain('-1')
    expect(db.counts.applied).toBe(1)
  })

  it('are never changed on the way to what the stream holds now', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1', 'Ada'), user('2', 'Bob')])
    const page = await pageOf(url)
    await other.append(user('2', 'Bobby'))
    const db = openChat(url, { hydration: hydrateStreamDB(page) })
    const seen: unknown[] = []
    db.collections.users.subscribeChanges((changes) => seen.push(...changes.map(({ key }) => key)))
    await db.preload()
    expect(seen).toEqual(['2'])
  })

  it('let a write go on from the versions of rows', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([
      { ...user('1', 'a'), headers: { operation: 'upsert', txid: 'first' } },
      { ...user('2', 'b'), type: 'foreign' },
      user('2', 'b'),
    ])
    const db = openChat(url, { hydration: hydrateStreamDB(await pageOf(url)) })
    const update = db.collections.users.update(['1', '2'], (rows) => {
      for (const row of rows) row.name += '!'
    })
    await update.isPersisted.promise
    expect(db.counts.superseded).toBe(0)
    // Its condition is about a row of a type that nobody here knows.
    await other.appendAll([
      { ...user('2'), type: 'foreign', headers: { operation: 'update', txid: 't', base: '2' } },
      { ...user('3', 'c'), headers: { operation: 'upsert', txid: 't' } },
    ])
    await eventually(() => expect(db.collections.users.has('3')).toBe(true))
    const fresh = openChat(url)
    await fresh.preload()
    expect(rowsOf(fresh.collections.users)).toEqual(rowsOf(db.collections.users))
  })

  it('are refused when another schema made them: told, and read from the stream', async () => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1', 'Ada'))
    const page = await pageOf(url, 1)
    const errors = uncaught()
    const counted = countingFetch()
    const streamOptions = { url, backoff: FAST, fetch: counted.fetch }
    const hydration = hydrateStreamDB(page)
    const db = openChat(url, { streamOptions, hydration, schemaVersion: 2 })
    expect(db.collections.users.size).toBe(0)
    expect(errors).toMatchObject([{ code: 'invalid', message: expect.stringContaining('"chat"') }])
    await db.preload()
    expect(counted.offsets[0]).toBe('-1')
    expect(rowsOf(db.collections.users)).toEqual(named(['1', 'Ada']))

    expect(openChat(url, { hydration, schemaVersion: 1 }).collections.users.size).toBe(1)
  })

  it('give way to what the server has now, when it lost their stream', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1'), user('2')])
    const page = await pageOf(url)
    await other.delete()
    await (await someoneElse(url)).append(user('3', 'New'))
    const restarts: boolean[] = []
    const db = openChat(url, {
      hydration: hydrateStreamDB(page),
      onBatch: ({ restart }) => restarts.push(restart),
    })
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual(named(['3', 'New']))
    expect(restarts).toEqual([true])
  })

  it('of a snapshot that goes on are only those that it names, once it ends', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1'), user('2'), { headers: { control: 'snapshot-start' } }])
    await other.append(user('2', 'Named'))
    const page = await pageOf(url)
    const db = openChat(url, { hydration: hydrateStreamDB(page) })
    expect([...db.collections.users.keys()]).toEqual(['1', '2'])
    await other.append({ headers: { control: 'snapshot-end' } })
    await eventually(() => expect(rowsOf(db.collections.users)).toEqual(named(['2', 'Named'])))
  })

  it('are shown without a connection, where reading is to be started by hand', async () => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1', 'Ada'))
    const hydration = hydrateStreamDB(await pageOf(url))
    const counted = countingFetch()
    const streamOptions = { url, fetch: counted.fetch }
    const db = openChat(url, { streamOptions, hydration, autoStart: false })
    db.collections.users.subscribeChanges(() => {})
    await db.collections.users.preload()
    expect(db.status.current).toEqual({ kind: 'idle' })
    expect(counted.offsets).toEqual([])
    await db.preload()
    expect(counted.offsets).not.toEqual([])
  })
})

describe('of the rows of a page and those of the last visit', () => {
  it('the newer ones are shown, and kept', async () => {
    const persistence = memoryPersistence()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([user('1'), user('2')])
    const oldPage = await pageOf(url)
    const visit = openChat(url, { persistence })
    await visit.preload()
    await other.append(schema.users.delete({ key: '2' }))
    await eventually(() => expect(visit.collections.users.size).toBe(1))
    await leave(visit, persistence)

    // The page is older: what was kept shows a moment later.
    const stream = silent(url)
    const late = openChat(url, { persistence, stream, hydration: hydrateStreamDB(oldPage) })
    expect(late.collections.users.size).toBe(2)
    await eventually(() => expect(late.collections.users.size).toBe(1))
    expect(late.offset).toBe(visit.offset)
    await leave(late, persistence)

    // The page is newer: it is shown, and kept instead.
    await other.append(user('3', 'New'))
    const page = await pageOf(url)
    const counted = countingFetch()
    const streamOptions = { url, fetch: counted.fetch }
    const next = openChat(url, { persistence, streamOptions, hydration: hydrateStreamDB(page) })
    await next.preload()
    expect(counted.offsets[0]).toBe(page.offset)
    await leave(next, persistence)
    const last = openChat(url, { persistence, stream })
    await last.collections.users.preload()
    expect(rowsOf(last.collections.users)).toEqual(named(['1', 'Someone'], ['3', 'New']))
    expect(last.offset).toBe(page.offset)
  })

  it('the same ones are not written again', async () => {
    const persistence = memoryPersistence()
    const url = await chatUrl()
    await (await someoneElse(url)).appendAll([user('1'), { ...user('2'), type: 'foreign' }])
    const visit = openChat(url, { persistence })
    await visit.preload()
    await leave(visit, persistence)
    const replaced = vi.fn<() => Promise<void>>()
    const watched = {
      ...persistence,
      open: async (name: string) => {
        const journal = await persistence.open(name)
        return { ...journal, replace: replaced, append: replaced }
      },
    }
    const page = await pageOf(url)
    const db = openChat(url, { persistence: watched, hydration: hydrateStreamDB(page) })
    await db.preload()
    await leave(db, persistence)
    expect(replaced).not.toHaveBeenCalled()
  })

  it('those of the page are kept, where another stream of the same length was there before', async () => {
    const persistence = memoryPersistence()
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append(user('1'))
    const visit = openChat(url, { persistence })
    await visit.preload()
    await leave(visit, persistence)
    await other.delete()
    await (await someoneElse(url)).append(user('2'))
    const db = openChat(url, { persistence, hydration: hydrateStreamDB(await pageOf(url)) })
    await db.preload()
    await leave(db, persistence)
    const last = openChat(url, { persistence, stream: silent(url) })
    await last.collections.users.preload()
    expect([...last.collections.users.keys()]).toEqual(['2'])
  })
})

describe('what goes into a page', () => {
  it('says a key once, and is named by the path below the server', async () => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('some-long-key'))
    const page = await pageOf(url)
    expect(page.path).toBe('chat')
    expect(JSON.stringify(page).split('some-long-key')).toHaveLength(2)
  })

  it('is named as its user says, which must be, where the URL tells no path', async () => {
    const stream = new DurableStream({ url: 'https://example.com/elsewhere/chat', fetch: nothing })
    const load = loadStreamDB({ stream, state: schema })
    await expect(load).rejects.toMatchObject({ code: 'invalid' })
    expect((await loadStreamDB({ stream, state: schema }, 'chat')).path).toBe('chat')
  })

  it('is nothing of a stream that is missing, which is not made', async () => {
    const url = await chatUrl()
    const page = await pageOf(url)
    expect(page).toMatchObject({ offset: '-1', rows: [] })
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(404)
    const db = openChat(url, { hydration: hydrateStreamDB(page) })
    expect(db.collections.users.status).toBe('ready')
    await (await someoneElse(url)).append(user('1'))
    await eventually(() => expect(db.collections.users.size).toBe(1))
  })

  it('comes in time, or not at all', async () => {
    const stream = silent('https://example.com/v1/stream/chat')
    const slow = loadStreamDB({ stream, state: schema, timeoutMs: 20 })
    await expect(slow).rejects.toMatchObject({ code: 'timeout' })
    const controller = new AbortController()
    const ended = loadStreamDB({ stream, state: schema, signal: controller.signal })
    controller.abort(new Error('The visitor has left'))
    await expect(ended).rejects.toThrow('The visitor has left')
  })

  it('can be taken of a database that goes on reading, as it is by then', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    expect(() => dehydrateStreamDB(db)).toThrow('await db.preload() first')
    await db.preload()
    await other.append(user('1', 'Ada'))
    await eventually(() => expect(db.collections.users.size).toBe(1))
    const optimistic = db.collections.users.insert({ id: '2', name: 'Not yet' })
    const page = dehydrateStreamDB(db)
    await optimistic.isPersisted.promise
    const hydrated = openChat(url, { hydration: hydrateStreamDB(page), autoStart: false })
    expect(rowsOf(hydrated.collections.users)).toEqual(named(['1', 'Ada']))
  })

  it('is not taken of anything else', () => {
    const other = { stream: { url: 'https://example.com/v1/stream/a' }, offset: '1' }
    expect(() => dehydrateStreamDB(other)).toThrow('createStreamDB')
  })
})

const nothing: typeof fetch = async () => new Response(null, { status: 404 })
