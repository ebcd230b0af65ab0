import { describe, expect, it } from 'vitest'
import { StreamError } from 'streamwell'
import { gatedFetch } from '../support/gated-fetch.ts'
import { chatUrl, openChat, schema, someoneElse } from './chat.ts'

const ada = { id: '1', name: 'Ada' }
const hello = { id: 'm1', userId: '1', text: 'Hello' }

describe('waiting for a txid', () => {
  it('ends when it comes, and at once when it has come', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    await db.preload()
    const waiting = [db.utils.awaitTxId('t'), db.utils.awaitTxId('t')]
    await other.append(schema.users.insert({ value: ada, headers: { txid: 't' } }))
    await Promise.all(waiting)
    expect(db.collections.users.has('1')).toBe(true)
    await db.utils.awaitTxId('t', 0)
  })

  it('sees the txid of a type that the schema does not know', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append({
      type: 'weather',
      key: '1',
      value: 'rain',
      headers: { operation: 'insert', txid: 't' },
    })
    await openChat(url).utils.awaitTxId('t')
  })

  it('of several ends with the last of them, in whatever collections', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    await db.preload()
    let isOver = false
    const waiting = db.utils.awaitTxId(['t1', 't2', 't1']).then(() => (isOver = true))
    await other.append(schema.users.insert({ value: ada, headers: { txid: 't1' } }))
    await db.utils.awaitTxId('t1')
    expect(isOver).toBe(false)
    await other.append(schema.messages.insert({ value: hello, headers: { txid: 't2' } }))
    await waiting
    expect(db.collections.messages.size).toBe(1)
    await db.utils.awaitTxId([])
  })

  it('ends with a conflict when its event was made from a version that has passed', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    await db.preload()
    const rename = (name: string, headers: object) =>
      other.append(schema.users.update({ value: { ...ada, name }, headers }))
    await other.append(schema.users.insert({ value: ada }))
    await rename('First', { txid: 't1', base: '1' })
    await rename('Second', { txid: 't2', base: '1' })
    await expect(db.utils.awaitTxId('t2')).rejects.toMatchObject({ code: 'conflict' })
    await rename('Third', { txid: 't3', base: 't1' })
    await db.utils.awaitTxId(['t1', 't3'])
    await rename('Fourth', { txid: 't4', base: 3 })
    await db.utils.awaitTxId('t4')
    expect(db.collections.users.get('1')?.name).toBe('Fourth')
    expect(db.counts).toEqual({ applied: 4, superseded: 1, invalid: 0, unknown: 0 })
  })

  it('ends with an error that names it when the time is up', async () => {
    const db = openChat(await chatUrl())
    await db.preload()
    await expect(db.utils.awaitTxId('never', 10)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/"never" was not seen within 10 ms; the database is live/),
    })
  })

  it('ends with the reason when readers skip the event', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const db = openChat(url)
    await db.preload()
    const waiting = db.utils.awaitTxId('t')
    const event = schema.users.insert({ value: ada, headers: { txid: 't' } })
    await other.appendAll([event, { ...event, key: '2', value: { id: '2' } }])
    await expect(waiting).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('"t" breaks its schema, and all readers skip it: name'),
    })
    expect(db.collections.users.has('1')).toBe(true)
  })

  it('ends when the database is closed, for writes as well', async () => {
    const url = await chatUrl()
    const gated = gatedFetch()
    const db = openChat(url, { streamOptions: { url, fetch: gated.fetch } })
    await db.preload()
    const waiting = db.utils.awaitTxId('never')
    const write = db.collections.users.insert(ada)
    db.close()
    await expect(waiting).rejects.toBeInstanceOf(StreamError)
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
    gated.open()
    await expect(write.isPersisted.promise).rejects.toMatchObject({ code: 'closed' })
    await expect(db.utils.awaitTxId('later')).rejects.toMatchObject({ code: 'closed' })
  })
})
