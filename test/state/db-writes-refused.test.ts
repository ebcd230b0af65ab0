import { createTransaction } from '@tanstack/db'
import { afterEach, expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { startServer } from '../support/server.ts'
import { chatUrl, openChat, rowsOf, schema, someoneElse } from './chat.ts'
import { appends } from '../support/live-reads.ts'

afterEach(() => vi.unstubAllGlobals())

const user = (id: string, name = 'Someone') => ({ id, name, role: 'guest' })
const LONG = 'x'.repeat(1_000)

it('a write that is refused leaves those alone that shared its request', async () => {
  const { url: root } = await startServer({ maxBodyBytes: 900 })
  const db = openChat(`${root}/chat`)
  await db.preload()
  const { users } = db.collections
  await users.insert(user('0')).isPersisted.promise
  const writes = [
    users.insert(user('1')),
    users.insert(user('2', LONG)),
    users.update('0', (one) => void (one.name += '!')),
    users.update('0', (one) => void (one.name += LONG)),
    users.update('0', (one) => void (one.name += '?')),
    users.delete('1'),
  ]
  const outcomes = await Promise.allSettled(writes.map((write) => write.isPersisted.promise))
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  expect(rowsOf(users)).toEqual({ 0: user('0', 'Someone!?') })
})

it('a server that refuses all writes is asked once for those of one moment', async () => {
  const url = await chatUrl()
  await (await someoneElse(url)).append(schema.users.insert({ value: user('1') }))
  let requests = 0
  const db = openChat(url, {
    streamOptions: {
      url,
      async fetch(input, init) {
        if (!appends(input, init)) return fetch(input, init)
        requests++
        return new Response('read only', { status: 403 })
      },
    },
  })
  await db.preload()
  const { users } = db.collections
  const states: unknown[] = []
  const writes = Array.from({ length: 20 }, () =>
    users.update('1', (one) => void (one.name += '!')),
  )
  users.subscribeChanges(() => states.push(users.get('1')?.name))
  const outcomes = await Promise.allSettled(writes.map((write) => write.isPersisted.promise))
  expect(outcomes.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(
    Array(20).fill('forbidden'),
  )
  expect(users.get('1')).toMatchObject({ name: 'Someone', $synced: true })
  expect(requests).toBe(1)
  expect(new Set(states)).toEqual(new Set(['Someone']))
})

it('someone who listens and throws breaks neither a write nor the rows of others', async () => {
  const reported: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => reported.push((error as Error).message))
  const url = await chatUrl()
  const other = await someoneElse(url)
  const gated = gatedFetch()
  const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
  await db.preload()
  const { users, messages } = db.collections
  const write = users.insert(user('1'))
  users.subscribeChanges(() => {
    throw new Error('listener')
  })
  await other.appendAll([
    schema.users.insert({ value: user('2') }),
    schema.messages.insert({ value: { id: 'm', userId: '2', text: 'Hi' } }),
  ])
  await eventually(() => expect([users.size, messages.size]).toEqual([2, 1]))
  gated.open()
  await write.isPersisted.promise
  const failing = db.collections.messages.insert({ id: 'n', userId: '2', text: 'Hi' })
  await failing.isPersisted.promise
  expect([users.size, messages.size]).toEqual([2, 2])
  expect(new Set(reported)).toEqual(new Set(['listener']))
})

it('a write that its user takes back is forgotten, and what was built on it is made without it', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.append(schema.users.insert({ value: user('1', 'A') }))
  const gated = gatedFetch()
  const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
  await db.preload()
  const { users } = db.collections
  const transaction = createTransaction({ autoCommit: false, mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    users.update('1', (one) => void (one.name += '!'))
  })
  const { promise } = transaction.isPersisted
  promise.catch(() => {})
  transaction.rollback()
  const write = users.update('1', (one) => void (one.name += '?'))
  gated.open()
  await write.isPersisted.promise
  expect(users.get('1')?.name).toBe('A?')
})

it('a write on which the database is closed, or the stream lost, fails and falls back', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.append(schema.users.insert({ value: user('1') }))
  const gated = gatedFetch()
  const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
  await db.preload()
  const { users } = db.collections
  const update = users.update('1', (one) => void (one.name += '!')).isPersisted.promise
  await other.delete()
  await expect(update).rejects.toMatchObject({ code: 'conflict' })
  expect(users.size).toBe(0)

  const insert = users.insert(user('2')).isPersisted.promise
  db.close()
  gated.open()
  await expect(insert).rejects.toMatchObject({ code: 'closed' })
  expect(users.size).toBe(0)
})
