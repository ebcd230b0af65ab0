import { createTransaction, type Transaction } from '@tanstack/db'
import { expect, it } from 'vitest'
import type { ChangeEvent } from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { startServer } from '../support/server.ts'
import { chatUrl, openChat, rowsOf, schema, someoneElse } from './chat.ts'
import { appends } from '../support/live-reads.ts'

const ada = { id: '1', name: 'Ada' }
const shownAda = { ...ada, role: 'guest' }
const hello = { id: 'm1', userId: '1', text: 'Hello' }

async function logOf(url: string): Promise<ChangeEvent[]> {
  return (await (await fetch(url)).json()) as ChangeEvent[]
}

const summary = ({ type, key, headers }: ChangeEvent) => `${headers.operation} ${type} ${key}`

it('writes of one transaction to several collections are one append, seen by others as one', async () => {
  const url = await chatUrl()
  let requests = 0
  const db = openChat(url, {
    streamOptions: {
      url,
      fetch: (input, init) => {
        if (appends(input, init)) requests++
        return fetch(input, init)
      },
    },
  })
  const reader = openChat(url)
  await Promise.all([db.preload(), reader.preload()])
  const { users, messages } = db.collections
  const sizes: string[] = []
  const look = (): void => {
    sizes.push(`${reader.collections.users.size} ${reader.collections.messages.size}`)
  }
  reader.collections.users.subscribeChanges(look)
  reader.collections.messages.subscribeChanges(look)

  const transaction = createTransaction({ mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    users.insert(ada)
    messages.insert([hello, { ...hello, id: 'm2' }])
    users.update('1', (user) => void (user.role = 'host'))
    messages.update('m2', (message) => void (message.text = 'Bye'))
    messages.insert({ ...hello, id: 'never' })
    messages.delete('never')
  })
  const rows = { 1: { ...ada, role: 'host' } }
  expect([rowsOf(users), messages.size]).toEqual([rows, 2])
  await transaction.isPersisted.promise
  expect([rowsOf(users), messages.size]).toEqual([rows, 2])

  const log = await logOf(url)
  expect(log.map(summary)).toEqual(['insert user 1', 'insert message m1', 'insert message m2'])
  expect(new Set(log.map(({ headers }) => headers.txid)).size).toBe(1)
  expect(requests).toBe(1)
  await eventually(() => expect(rowsOf(reader.collections.users)).toEqual(rows))
  expect(sizes.at(-1)).toBe('1 2')
})

it('rows of others flow on under a transaction that is under way', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  const gated = gatedFetch()
  const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
  await db.preload()
  const transaction = createTransaction({ mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    db.collections.users.insert(ada)
    db.collections.messages.insert(hello)
  })
  await other.append(schema.users.insert({ value: { id: '2', name: 'Bob' } }))
  await eventually(() => expect([...db.collections.users.keys()].toSorted()).toEqual(['1', '2']))
  expect(transaction.state).toBe('pending')
  gated.open()
  await transaction.isPersisted.promise
  expect(transaction.state).toBe('completed')
})

it('a transaction that waits for its commit writes what its calls make of the rows by then', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.append(schema.users.insert({ value: ada }))
  const db = openChat(url)
  await db.preload()
  const { users } = db.collections
  const transaction = createTransaction({ autoCommit: false, mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    users.update('1', (user) => void (user.name += '!'))
  })
  transaction.mutate(() => {
    users.insert({ id: '2', name: 'Bob' })
    users.update('1', (user) => void (user.name += '!'))
  })
  expect(users.get('1')?.name).toBe('Ada!!')
  await other.append(schema.users.update({ value: { ...ada, name: 'Countess' } }))
  await eventually(() => expect(db.counts.applied).toBe(2))
  expect((await logOf(url)).length).toBe(2)

  expect(await transaction.commit()).toBe(transaction)
  expect(rowsOf(users)).toEqual({
    1: { ...shownAda, name: 'Countess!!' },
    2: { id: '2', name: 'Bob', role: 'guest' },
  })
  const mine = (await logOf(url)).slice(2)
  expect(mine.map(summary)).toEqual(['update user 1', 'insert user 2'])
})

it('a transaction that its user takes back before the commit leaves nothing', async () => {
  const url = await chatUrl()
  const db = openChat(url)
  await db.preload()
  const transaction = createTransaction({ autoCommit: false, mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    db.collections.users.insert(ada)
  })
  const { promise } = transaction.isPersisted
  promise.catch(() => {})
  transaction.rollback()
  expect(db.collections.users.size).toBe(0)
  expect((await logOf(url)).length).toBe(0)
})

it('a transaction that is refused falls back everywhere, and tells who commits it', async () => {
  const { url: root } = await startServer({ maxBodyBytes: 500 })
  const db = openChat(`${root}/chat`)
  await db.preload()
  const { users, messages } = db.collections
  await users.insert(ada).isPersisted.promise
  const transaction = createTransaction({ autoCommit: false, mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    users.delete('1')
    messages.insert({ ...hello, text: 'x'.repeat(1_000) })
  })
  expect([users.size, messages.size]).toEqual([0, 1])
  await expect(transaction.commit()).rejects.toMatchObject({ code: 'too-large' })
  expect([rowsOf(users), messages.size]).toEqual([{ 1: shownAda }, 0])
  expect(transaction.state).toBe('failed')
  await expect(transaction.isPersisted.promise).rejects.toMatchObject({ code: 'too-large' })
})

it('a transaction on two databases is refused before anything is sent', async () => {
  const [one, two] = [await chatUrl(), await chatUrl()]
  const [db, elsewhere] = [openChat(one), openChat(two)]
  await Promise.all([db.preload(), elsewhere.preload()])
  const transaction = createTransaction({ mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    db.collections.users.insert(ada)
    elsewhere.collections.users.insert(ada)
  })
  await expect(transaction.isPersisted.promise).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringMatching(/one append to one stream, and .*users" is of another/),
  })
  expect([db.collections.users.size, elsewhere.collections.users.size]).toEqual([0, 0])
  expect([...(await logOf(one)), ...(await logOf(two))]).toEqual([])
})

it('a transaction takes nothing more once it is committed', async () => {
  const url = await chatUrl()
  const gated = gatedFetch()
  const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
  await db.preload()
  const transaction = createTransaction({ mutationFn: db.utils.mutationFn })
  transaction.mutate(() => {
    db.collections.users.insert(ada)
  })
  expect(() =>
    transaction.mutate(() => {
      db.collections.messages.insert(hello)
    }),
  ).toThrow('committed already')
  expect(db.collections.messages.size).toBe(0)
  gated.open()
  await transaction.isPersisted.promise
  expect((await logOf(url)).map(summary)).toEqual(['insert user 1'])
})

it('an action may hand its transaction over, and gets updates that nobody loses', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.append(schema.users.insert({ value: ada }))
  const gated = gatedFetch()
  const db = openChat(url, {
    streamOptions: { url, fetch: gated.fetch },
    actions: ({ db: { collections, utils } }) => ({
      cheer: {
        onMutate: (id: string) => {
          collections.users.update(id, (user) => void (user.name += '!'))
        },
        mutationFn: (_: string, context: { transaction: Transaction }) => utils.mutationFn(context),
      },
    }),
  })
  await db.preload()
  const cheered = db.actions.cheer('1')
  expect(db.collections.users.get('1')?.name).toBe('Ada!')
  await other.append(schema.users.update({ value: { ...ada, name: 'Countess' } }))
  await eventually(() => expect(db.collections.users.get('1')?.name).toBe('Countess!'))
  gated.open()
  await cheered
  expect(db.collections.users.get('1')).toMatchObject({ name: 'Countess!', $synced: true })
})
