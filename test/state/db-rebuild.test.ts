import { createLiveQueryCollection, createTransaction, eq } from '@tanstack/db'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DurableStream } from 'streamwell'
import type { ChangeEvent, StreamDB } from 'streamwell/state'
import { createDurableStreamServer } from '../../dev-server/index.ts'
import { eventually } from '../support/eventually.ts'
import { type ChatDefinition, chatUrl, FAST, openChat, schema, someoneElse } from './chat.ts'

/** Someone, and what they say: rows that must never be seen without each other. */
const pair = (id: string): ChangeEvent[] => [
  schema.messages.upsert({ value: { id, userId: id, text: `Hello from ${id}` } }),
  schema.users.upsert({ value: { id, name: id } }),
]
const control = (name: 'reset' | 'snapshot-start' | 'snapshot-end') => ({
  headers: { control: name },
})

/** Watches messages joined with who wrote them, and users joined with what they wrote. */
async function watchPairs({ collections: { users, messages } }: StreamDB<ChatDefinition>) {
  const letters = createLiveQueryCollection((q) =>
    q
      .from({ m: messages })
      .join({ u: users }, ({ m, u }) => eq(m.userId, u.id), 'left')
      .select(({ m, u }) => ({ id: m.id, other: u?.name })),
  )
  const writers = createLiveQueryCollection((q) =>
    q
      .from({ u: users })
      .join({ m: messages }, ({ m, u }) => eq(m.userId, u.id), 'left')
      .select(({ m, u }) => ({ id: u.id, other: m?.text })),
  )
  await Promise.all([letters.preload(), writers.preload()])
  const torn: unknown[] = []
  const states: string[] = []
  for (const query of [letters, writers]) {
    query.subscribeChanges(() => {
      torn.push(...query.toArray.filter(({ other }) => other === undefined))
    })
  }
  const ids = () =>
    letters.toArray
      .map(({ id }) => id)
      .toSorted()
      .join()
  letters.subscribeChanges(() => states.push(ids()))
  return { torn, states, ids }
}

describe('a query that joins collections never sees half', () => {
  it('of a reset, of a snapshot, or of what comes with them', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([...pair('a'), ...pair('b')])
    const db = openChat(url)
    await db.preload()
    const { torn, states, ids } = await watchPairs(db)

    await other.appendAll([control('reset'), ...pair('b'), ...pair('c')])
    await eventually(() => expect(ids()).toBe('b,c'))
    const picture = [...pair('c'), ...pair('d')]
    await other.appendAll([control('snapshot-start'), ...picture, control('snapshot-end')])
    await eventually(() => expect(ids()).toBe('c,d'))
    await other.append(control('reset'))
    await eventually(() => expect(ids()).toBe(''))
    expect(torn).toEqual([])
    expect(new Set(states)).toEqual(new Set(['b,c', 'c,d', '']))
  })

  it('of a stream that was lost, and of the one that takes its place', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.appendAll([...pair('a'), ...pair('b')])
    const db = openChat(url)
    await db.preload()
    const { torn, ids } = await watchPairs(db)
    await other.delete()
    await eventually(() => expect(ids()).toBe(''))
    await other.appendAll(pair('c'))
    await eventually(() => expect(ids()).toBe('c'))
    expect(torn).toEqual([])
    expect(db.status.current).toEqual({ kind: 'live' })
  })

  it('of own writes to both, while others write as well', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url, {
      actions: ({ db: { collections, utils }, stream }) => ({
        speak: {
          onMutate: (id: string) => {
            collections.users.insert({ id, name: id })
            collections.messages.insert({ id, userId: id, text: `Hello from ${id}` })
          },
          mutationFn: async (id: string) => {
            const headers = { txid: `speak ${id}` }
            await stream.appendAll(
              pair(id).map((event) => ({ ...event, headers: { ...event.headers, ...headers } })),
            )
            await utils.awaitTxId(headers.txid)
          },
        },
      }),
    })
    await db.preload()
    const { torn, ids } = await watchPairs(db)
    const spoken = ['x', 'y', 'z'].map((id) => db.actions.speak(id))
    await other.appendAll(pair('a'))
    await Promise.all(spoken)
    const transaction = createTransaction({ mutationFn: db.utils.mutationFn })
    transaction.mutate(() => {
      db.collections.messages.insert({ id: 't', userId: 't', text: 'Hello from t' })
      db.collections.users.insert({ id: 't', name: 't' })
    })
    await other.appendAll(pair('b'))
    await transaction.isPersisted.promise
    await eventually(() => expect(ids()).toBe('a,b,t,x,y,z'))
    expect(torn).toEqual([])
  })
})

describe('a server that has lost its memory', () => {
  it('is followed from the beginning, and what it has is what shows', async () => {
    const first = createDurableStreamServer({ port: 0 })
    const root = await first.start()
    const port = Number(new URL(root).port)
    const url = `${root}/chat`
    await (await someoneElse(url)).appendAll([...pair('a'), ...pair('b'), ...pair('c')])
    const db = openChat(url)
    const kinds: string[] = []
    onTestFinished(db.status.subscribe(() => kinds.push(db.status.current.kind)))
    await db.preload()
    const { torn, ids } = await watchPairs(db)
    expect(ids()).toBe('a,b,c')

    await first.stop()
    await eventually(() => expect(db.status.current.kind).toBe('offline'))
    const second = createDurableStreamServer({ port })
    onTestFinished(() => second.stop())
    await second.start()
    const other = await DurableStream.create({
      url,
      contentType: 'application/json',
      backoff: FAST,
    })
    await other.appendAll(pair('d'))
    await eventually(() => expect(ids()).toBe('d'))
    await eventually(() => expect(db.status.current).toEqual({ kind: 'live' }))
    await db.collections.users.update('d', (user) => void (user.name = 'D')).isPersisted.promise
    expect(db.collections.users.get('d')?.name).toBe('D')
    expect(torn).toEqual([])
    expect(kinds).toContain('offline')
  })
})
