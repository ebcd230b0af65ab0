import { describe, expect, it, onTestFinished } from 'vitest'
import { DurableStream } from 'streamwell'
import type { ChangeEvent, StreamDB } from 'streamwell/state'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { createStream, startServer } from '../support/server.ts'
import { type ChatDefinition, chatUrl, openChat, rowsOf, schema, someoneElse } from './chat.ts'

const user = (id: string, name = 'Someone') => schema.users.upsert({ value: { id, name } })
const message = (id: string) =>
  schema.messages.upsert({ value: { id, userId: '1', text: 'Hello' } })
const control = (name: 'reset' | 'snapshot-start' | 'snapshot-end') => ({
  headers: { control: name },
})

const keysOf = ({ collections }: StreamDB<ChatDefinition>): [string[], string[]] => [
  [...collections.users.keys()].toSorted(),
  [...collections.messages.keys()].toSorted(),
]

/** A database that is live on a chat which someone else has begun. */
async function liveChat(
  ...events: ChangeEvent[]
): Promise<{ db: StreamDB<ChatDefinition>; other: DurableStream }> {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.appendAll(events)
  const db = openChat(url)
  await db.preload()
  return { db, other }
}

/** What a subscriber to the users sees, after each change. */
function recordUsers(db: StreamDB<ChatDefinition>): string[] {
  const states: string[] = []
  db.collections.users.subscribeChanges(() => states.push(keysOf(db)[0].join()))
  return states
}

describe('while it is live', () => {
  it('a reset empties every collection, and what follows in its batch shows with it', async () => {
    const { db, other } = await liveChat(user('1'), user('2'), message('m'))
    const states = recordUsers(db)

    await other.appendAll([control('reset'), user('2'), user('3')])
    await eventually(() => expect(keysOf(db)).toEqual([['2', '3'], []]))
    expect(states).toEqual(['2,3'])
    await other.append(control('reset'))
    await eventually(() => expect(keysOf(db)).toEqual([[], []]))
    await other.append(user('1'))
    await eventually(() => expect(keysOf(db)).toEqual([['1'], []]))
  })

  it('a snapshot replaces all rows at once', async () => {
    const { db, other } = await liveChat(user('1'), user('2'), message('m'))
    const states = recordUsers(db)

    const picture = [user('2', 'Bob'), user('3')]
    await other.appendAll([control('snapshot-start'), ...picture, control('snapshot-end')])
    await eventually(() => expect(keysOf(db)).toEqual([['2', '3'], []]))
    expect(states).toEqual(['2,3'])
    expect(db.collections.users.get('2')?.name).toBe('Bob')
  })

  it('a snapshot that arrives in parts keeps the old rows until it has ended', async () => {
    const { db, other } = await liveChat(user('1'), user('2'))

    await other.appendAll([control('snapshot-start'), user('2')])
    await other.append(user('3'))
    await eventually(() => expect(keysOf(db)[0]).toEqual(['1', '2', '3']))
    await other.append(control('snapshot-end'))
    await eventually(() => expect(keysOf(db)[0]).toEqual(['2', '3']))
    await other.append(control('snapshot-end'))
    await other.append(user('4'))
    await eventually(() => expect(keysOf(db)[0]).toEqual(['2', '3', '4']))
  })

  it('a write that is under way stays on top of a reset', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append(user('1'))
    const gated = gatedFetch()
    const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
    await db.preload()
    const write = db.collections.users.insert({ id: 'mine', name: 'Me' })
    await other.append(control('reset'))
    await eventually(() => expect(keysOf(db)[0]).toEqual(['mine']))
    gated.open()
    await write.isPersisted.promise
    expect(keysOf(db)[0]).toEqual(['mine'])
  })

  it('what is lost by the server is gone, and what it has next is shown', async () => {
    const { db, other } = await liveChat(user('1'), user('2'), message('m'))

    await other.delete()
    await eventually(() => expect(keysOf(db)).toEqual([[], []]))
    await other.append(user('3'))
    await eventually(() => expect(keysOf(db)).toEqual([['3'], []]))
    expect(db.status.current).toEqual({ kind: 'live' })
    await db.collections.users.insert({ id: '4', name: 'Four' }).isPersisted.promise
  })

  it('a lost connection shows in the status, and nothing is lost', async () => {
    const { url: serverUrl } = await startServer()
    const proxy = await startCuttableProxy(Number(new URL(serverUrl).port))
    onTestFinished(() => proxy.close())
    const url = `http://127.0.0.1:${proxy.port}/v1/stream/chat`
    const other = await someoneElse(`${serverUrl}/chat`)
    const db = openChat(url)
    const seen: string[] = []
    db.status.subscribe(() => seen.push(db.status.current.kind))
    await db.preload()

    proxy.setOffline(true)
    await eventually(() => expect(db.status.current.kind).toBe('offline'))
    await other.append(user('1'))
    const write = db.collections.users.insert({ id: '2', name: 'Offline' })
    proxy.setOffline(false)
    await eventually(() => expect(keysOf(db)[0]).toEqual(['1', '2']))
    await write.isPersisted.promise
    await eventually(() => expect(db.status.current.kind).toBe('live'))
    expect(seen.slice(0, 2)).toEqual(['connecting', 'live'])
  })

  it('the end of the stream shows in the status, and its rows stay', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    await db.preload()
    await other.append(user('1'))
    await other.close()
    await eventually(() => expect(db.status.current).toEqual({ kind: 'closed' }))
    expect(keysOf(db)[0]).toEqual(['1'])
    await expect(
      db.collections.users.insert({ id: '2', name: 'Late' }).isPersisted.promise,
    ).rejects.toMatchObject({ code: 'closed' })
    expect(keysOf(db)[0]).toEqual(['1'])
    await db.preload()
  })
})

describe('when reading is impossible', () => {
  it('says why to everyone who waits, and works when it is tried again', async () => {
    const { url: serverUrl } = await startServer()
    const url = await createStream(serverUrl, {
      path: 'chat',
      contentType: 'text/plain',
      body: 'x',
    })
    const db = openChat(url)
    const collection = db.collections.users.preload()
    await expect(db.preload()).rejects.toMatchObject({ name: 'StreamError' })
    await expect(collection).rejects.toMatchObject({ name: 'StreamError' })
    const { current } = db.status
    expect(current).toMatchObject({ kind: 'error', error: { name: 'StreamError' } })
    expect(() => db.collections.messages.insert({ id: 'm', userId: '1', text: 'Hi' })).toThrow(
      'error state',
    )

    await DurableStream.delete({ url })
    await (await someoneElse(url)).append(user('1'))
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({
      1: { id: '1', name: 'Someone', role: 'guest' },
    })
    expect(db.collections.users.status).toBe('ready')
    expect(db.status.current).toEqual({ kind: 'live' })
  })
})

describe('a closed database', () => {
  it('keeps its rows, takes no more, and can be closed again', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append(user('1'))
    const db = openChat(url)
    await db.preload()
    db.close()
    db.close()
    await other.append(user('2'))
    const second = openChat(url)
    await second.preload()
    expect(keysOf(second)[0]).toEqual(['1', '2'])

    expect(keysOf(db)[0]).toEqual(['1'])
    expect(db.status.current).toEqual({ kind: 'idle' })
    await expect(db.preload()).rejects.toMatchObject({ code: 'closed' })
    await expect(
      db.collections.users.insert({ id: '3', name: 'Three' }).isPersisted.promise,
    ).rejects.toMatchObject({ code: 'closed' })
    expect(keysOf(db)[0]).toEqual(['1'])
  })

  it('tells who is still preloading, and leaves no connection open', async () => {
    const { url: serverUrl, server } = await startServer()
    const db = openChat(`${serverUrl}/chat`)
    const loading = db.preload()
    db.close()
    await expect(loading).rejects.toMatchObject({ code: 'closed' })

    const live = openChat(`${serverUrl}/chat`)
    await live.preload()
    live.close()
    await server.stop()
  })
})
