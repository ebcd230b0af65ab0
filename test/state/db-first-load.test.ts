import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chatUrl, openChat, plain, schema, someoneElse } from './chat.ts'

const ROWS = 700

/** A long history of pairs: a user and a message by them, in one transaction each. */
async function longHistory(): Promise<string> {
  const url = await chatUrl()
  const other = await someoneElse(url)
  // In no order, as random keys are.
  const ids = Array.from({ length: ROWS }, (_, i) => `${(i * 391) % ROWS}`)
  const pairs = ids.flatMap((id) => {
    const headers = { txid: `t${id}` }
    return [
      schema.users.insert({ value: { id, name: 'New' }, headers }),
      schema.users.update({ value: { id, name: 'Someone' }, headers }),
      schema.messages.insert({ value: { id, userId: id, text: 'Hi' }, headers }),
    ]
  })
  await other.appendAll(pairs)
  return url
}

describe('the first load of a long history', () => {
  // Every step takes long.
  beforeEach(() => {
    let ms = 0
    vi.spyOn(performance, 'now').mockImplementation(() => (ms += 100))
  })
  afterEach(() => vi.restoreAllMocks())

  it('brings every row, as it is in the end, while others have turns', async () => {
    const db = openChat(await longHistory())
    let turns = 0
    const timer = setInterval(() => turns++)
    await db.preload()
    clearInterval(timer)
    const { users, messages } = db.collections
    expect([users.size, messages.size]).toEqual([ROWS, ROWS])
    expect(users.toArray.map(({ name }) => name)).toEqual(Array(ROWS).fill('Someone'))
    expect(plain(messages.get('17')!)).toEqual({ id: '17', userId: '17', text: 'Hi' })
    expect(turns).toBeGreaterThan(1)
  })

  it('shows whole transactions only to those who begin to look in the midst of it', async () => {
    const db = openChat(await longHistory())
    const { users, messages } = db.collections
    const loaded = db.preload()
    while (users.size === 0) await new Promise((resolve) => setImmediate(resolve))
    const sizeBefore = users.size
    const seen: [number, number][] = []
    const note = (): void => void seen.push([users.size, messages.size])
    messages.subscribeChanges(note, { includeInitialState: true })
    note()
    await loaded
    note()
    expect(sizeBefore).toBeLessThan(ROWS)
    expect(seen.filter(([one, other]) => one !== other)).toEqual([])
    expect(seen.at(-1)).toEqual([ROWS, ROWS])
  })

  it('can be written to in the midst of it', async () => {
    const db = openChat(await longHistory())
    const loaded = db.preload()
    const { isPersisted } = db.collections.users.insert({ id: 'own', name: 'Ada' })
    await loaded
    await isPersisted.promise
    expect(db.collections.users.size).toBe(ROWS + 1)
    expect(plain(db.collections.users.get('own')!)).toMatchObject({ name: 'Ada' })
  })
})
