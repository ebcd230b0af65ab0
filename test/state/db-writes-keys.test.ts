import { expect, it } from 'vitest'
import { chatUrl, openChat, plain, schema, someoneElse } from './chat.ts'

const KEYS = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'ключ 🔑',
  '1',
  ' ',
  '%2F',
  'k'.repeat(5_000),
]

it('rows of strange keys are written, updated and deleted like any other', async () => {
  const url = await chatUrl()
  const db = openChat(url)
  const reader = openChat(url)
  await Promise.all([db.preload(), reader.preload()])
  const { users } = db.collections
  const row = (id: string, name: string) => ({ id, name, role: 'guest' })

  await Promise.all(KEYS.map((id) => users.insert({ id, name: 'One' }).isPersisted.promise))
  for (const key of KEYS) expect(plain(users.get(key))).toEqual(row(key, 'One'))
  await users.update(KEYS, (drafts) => {
    for (const draft of drafts) draft.name = 'Two'
  }).isPersisted.promise
  for (const key of KEYS) expect(plain(users.get(key))).toEqual(row(key, 'Two'))
  expect(users.size).toBe(KEYS.length)
  await Promise.all(KEYS.map((key) => users.delete(key).isPersisted.promise))
  expect(users.size).toBe(0)

  await reader.utils.awaitTxId(
    (await (await fetch(url)).json()).map(
      (event: { headers: { txid: string } }) => event.headers.txid,
    ),
  )
  expect([...reader.collections.users.keys()]).toEqual([])
  expect(reader.counts).toMatchObject({ applied: 3 * KEYS.length, invalid: 0, superseded: 0 })
})

it('a row whose key is a number is found and written by the number as text', async () => {
  const url = await chatUrl()
  const db = openChat(url)
  await db.preload()
  const { visits } = db.collections
  const [first, second] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'] as const
  await visits.insert({ id: 0, at: first }).isPersisted.promise
  await visits.update('0', (visit) => void ((visit.at as unknown) = new Date(second))).isPersisted
    .promise
  expect(plain(visits.get('0'))).toEqual({ id: 0, at: new Date(second) })
  expect([...visits.keys()]).toEqual(['0'])
  await visits.delete('0').isPersisted.promise
  expect(visits.size).toBe(0)
})

it('a row that goes by another key than it carries is updated and deleted by that key', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.appendAll([
    schema.users.insert({ value: { id: 'x', name: 'Long' }, key: 'user:x' }),
    schema.users.insert({ value: { id: 'x', name: 'Short' } }),
  ])
  const db = openChat(url)
  await db.preload()
  const { users } = db.collections
  const update = users.update('user:x', (user) => void (user.name += '!'))
  expect(users.get('user:x')?.name).toBe('Long!')
  await update.isPersisted.promise
  expect([users.get('user:x')?.name, users.get('x')?.name]).toEqual(['Long!', 'Short'])
  await users.delete('user:x').isPersisted.promise
  expect([...users.keys()]).toEqual(['x'])
})

it('an empty key, or none, is refused at the call', async () => {
  const db = openChat(await chatUrl())
  await db.preload()
  const { users, visits } = db.collections
  expect(() => users.insert({ id: '', name: 'Nobody' })).toThrow('users.insert: no key')
  expect(() => visits.insert({ id: Number.NaN, at: '2026-01-01T00:00:00Z' })).toThrow(
    'visits.insert',
  )
  expect(() => users.update('', () => {})).toThrow()
  expect([users.size, visits.size]).toEqual([0, 0])
})

it('rows are as the schema made them, with the marks of TanStack DB and nothing else', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.append(schema.visits.insert({ value: { id: 7, at: '2026-01-01T00:00:00Z' } }))
  const db = openChat(url)
  await db.preload()
  const { visits } = db.collections
  const fields = (key: string) =>
    Object.keys(visits.get(key) ?? {}).filter((name) => name[0] !== '$')
  expect(fields('7')).toEqual(['id', 'at'])
  expect(visits.get('7')?.at).toBeInstanceOf(Date)
  const written = visits.insert({ id: 8, at: '2026-01-01T00:00:00Z' })
  expect([fields('8'), visits.get('8')?.at]).toEqual([['id', 'at'], new Date('2026-01-01')])
  await written.isPersisted.promise
  expect([fields('8'), visits.get('8')?.at]).toEqual([['id', 'at'], new Date('2026-01-01')])
})
