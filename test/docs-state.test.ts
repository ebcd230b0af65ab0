import * as tanstackDb from '@tanstack/db'
import { expect, it, onTestFinished } from 'vitest'
import { DurableStream } from 'streamwell'
import * as state from 'streamwell/state'
import type { ChangeEvent } from 'streamwell/state'
import type { SharedStore } from 'streamwell/store'
import { eventually } from './support/eventually.ts'
import { type CodeBlock, codeBlocksOf, readPage } from './support/markdown.ts'
import { runBlock, runProgram } from './support/run-block.ts'
import { startServer } from './support/server.ts'

// The examples of these pages, run as they stand on a real server, but for the address.
const blocks = ['docs/state.md', 'docs/streamdb.md', 'docs/store.md', 'docs/conflicts.md'].flatMap(
  (file) => codeBlocksOf(file, readPage(file)),
)

function exampleWith(text: string): CodeBlock {
  const [block, second] = blocks.filter(({ code }) => code.includes(text))
  if (!block || second) throw new Error(`Not exactly one example has ${text}`)
  return block
}

interface Reader {
  url: string
  told: unknown[][]
  databases: state.StreamDB[]
  run: (text: string) => Promise<void>
  load: <Exports>(text: string, globals?: Record<string, unknown>) => Exports
}

/** A server, and someone who types examples in. */
async function startReader(): Promise<Reader> {
  const { url } = await startServer()
  const told: unknown[][] = []
  const databases: state.StreamDB[] = []
  const createStreamDB: typeof state.createStreamDB = (options) => {
    const db = state.createStreamDB(options)
    onTestFinished(() => db.close())
    databases.push(db as unknown as state.StreamDB)
    return db
  }
  const optionsFor = (text: string, globals: Record<string, unknown> = {}) => {
    const { code } = exampleWith(text)
    const address = /https:\/\/example\.com\/v1\/stream/.exec(code)?.[0] ?? '/v1/stream'
    return {
      replace: { [address]: url },
      globals: { console: { log: (...values: unknown[]) => told.push(values) }, ...globals },
      modules: { '@tanstack/db': tanstackDb, 'streamwell/state': { ...state, createStreamDB } },
    }
  }
  return {
    url,
    told,
    databases,
    run: (text) => runProgram(exampleWith(text), optionsFor(text)),
    load: (text, globals) => runBlock(exampleWith(text), optionsFor(text, globals)),
  }
}

const eventsOf = async (url: string): Promise<ChangeEvent[]> => {
  const events: ChangeEvent[] = []
  for await (const event of new DurableStream<ChangeEvent>({ url }).json({ live: false })) {
    events.push(event)
  }
  return events
}

it('who defines, writes and reads by the page has the rows that it says', async () => {
  const { told, run } = await startReader()
  await run('const room = await DurableStream.create({')
  await run('for await (const { items } of room.follow({ live: false })) state.applyBatch(items)')
  expect(told).toEqual([['Ada', 0, ['user'], 1]])
})

it('who writes to collections by the page finds it in the stream', async () => {
  const { url, run } = await startReader()
  await run('await isPersisted.promise // rejects')
  await eventually(async () =>
    expect(
      (await eventsOf(`${url}/todos`)).map(({ key, headers, value }) => [
        headers.operation,
        key,
        (value as { done?: boolean } | undefined)?.done,
      ]),
    ).toEqual([
      ['insert', '1', undefined],
      ['insert', '2', undefined],
      ['update', '1', true],
      ['delete', '2', undefined],
    ]),
  )
})

it('two who pay by the page at once move both amounts, all of each or nothing', async () => {
  const { url, load } = await startReader()
  const bank = await DurableStream.create({ url: `${url}/bank`, contentType: 'application/json' })
  const account = (id: string, amount: number): ChangeEvent => ({
    type: 'account',
    key: id,
    value: { id, amount },
    headers: { operation: 'upsert' },
  })
  await bank.appendAll([account('ada', 10), account('ben', 0)])
  interface Teller {
    db: state.StreamDB
    pay: (from: string, to: string, amount: number) => Promise<void>
  }
  const tellers = [1, 2].map(() => load<Teller>('export async function pay('))
  await Promise.all(tellers.map(({ db }) => db.preload()))
  await Promise.all([tellers[0]!.pay('ada', 'ben', 3), tellers[1]!.pay('ben', 'ada', 1)])
  const materialized = new state.MaterializedState()
  const events = await eventsOf(bank.url)
  materialized.applyBatch(events)
  expect(materialized.get('account', 'ada')).toEqual({ id: 'ada', amount: 8 })
  expect(materialized.get('account', 'ben')).toEqual({ id: 'ben', amount: 2 })
  expect(materialized.getType('transfer').size).toBe(2)
})

it('who acts by the page has both rows, by one txid', async () => {
  const { url, run, databases } = await startReader()
  await run('await db.actions.send({')
  const [message, topic] = await eventsOf(`${url}/rooms/1`)
  expect(message?.headers.txid).toBe(topic?.headers.txid)
  expect([message?.type, topic?.value]).toEqual(['message', { id: '1', text: 'Lunch' }])
  expect(databases[0]!.collections.topics?.size).toBe(1)
})

it('who derives by the page has messages that grow', async () => {
  const { url, load } = await startReader()
  const session = await DurableStream.create({
    url: `${url}/sessions/1`,
    contentType: 'application/json',
  })
  const chunk = (messageId: string, seq: number, text: string): ChangeEvent => ({
    type: 'chunk',
    key: `${messageId}-${seq}`,
    value: { id: `${messageId}-${seq}`, messageId, seq, at: `2026-01-01T00:00:0${seq}Z`, text },
    headers: { operation: 'insert' },
  })
  await session.appendAll([chunk('m', 2, 'world'), chunk('m', 1, 'Hello ')])
  const { messages } = load<{ messages: tanstackDb.Collection<{ id: string; text: string }> }>(
    'export const messages = createLiveQueryCollection({',
  )
  await messages.preload()
  expect(messages.get('m')).toMatchObject({ id: 'm', text: 'Hello world' })
  await session.append(chunk('m', 3, '!'))
  await eventually(() => expect(messages.get('m')?.text).toBe('Hello world!'))
})

it('who shares a value or a list by the page sees it, stored', async () => {
  const { url, told, load } = await startReader()
  load('likes.update((n) => n + 1)')
  await eventually(async () => expect(await eventsOf(`${url}/likes`)).toMatchObject([{ value: 1 }]))
  expect(told[0]?.[0]).toBe(1)

  const { todos } = load<{ todos: SharedStore<{ text: string }[], unknown> }>('reduceTodos,')
  await eventually(() => expect(todos).toMatchObject({ pending: 0, failures: [] }))
  expect(todos.getSnapshot().state).toMatchObject([{ text: 'Milk' }])
})
