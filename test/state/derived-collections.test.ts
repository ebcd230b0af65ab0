import { count, createLiveQueryCollection, eq, min, toArray } from '@tanstack/db'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { DurableStream } from 'streamwell'
import { createStateSchema, createStreamDB } from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { chatUrl, FAST, plain } from './chat.ts'

// A busy machine takes its time.
/** What a model says comes in chunks: words, calls of tools, and what people make of those. */
const schema = createStateSchema({
  chunks: {
    schema: z.object({
      id: z.string(),
      messageId: z.string(),
      seq: z.number(),
      createdAt: z.iso.datetime(),
      role: z.enum(['user', 'assistant']),
      part: z.discriminatedUnion('type', [
        z.object({ type: z.literal('text'), text: z.string() }),
        z.object({ type: z.literal('tool-call'), callId: z.string(), tool: z.string() }),
        z.object({ type: z.literal('approval'), callId: z.string(), approved: z.boolean() }),
      ]),
    }),
    type: 'chunk',
    primaryKey: 'id',
  },
})

type Chunk = z.infer<typeof schema.chunks.schema>

interface ToolCall {
  callId: string
  tool: string
  approved: boolean | undefined
}

interface Message {
  id: string
  role: Chunk['role']
  text: string
  calls: ToolCall[]
}

/** Chunks in their order, added up. */
function materializeMessage(id: string, chunks: readonly Chunk[]): Message {
  const message: Message = { id, role: chunks[0]?.role ?? 'assistant', text: '', calls: [] }
  for (const { part } of chunks) {
    if (part.type === 'text') message.text += part.text
    if (part.type === 'tool-call') message.calls.push({ ...part, approved: undefined })
    if (part.type !== 'approval') continue
    const call = message.calls.find(({ callId }) => callId === part.callId)
    if (call) call.approved = part.approved
  }
  return message
}

/** The collections of one screen: chunks add up to messages, some of which ask for approval. */
function openSession(url: string) {
  const db = createStreamDB({ streamOptions: { url, backoff: FAST }, state: schema })
  onTestFinished(() => db.close())
  const { chunks } = db.collections
  const materialized: string[] = []

  // A message is made of whole rows, which no aggregate collects: the query gives each group its own.
  const chunksOfMessage = createLiveQueryCollection({
    query: (q) => {
      const heads = q
        .from({ chunk: chunks })
        .groupBy(({ chunk }) => chunk.messageId)
        .select(({ chunk }) => ({
          messageId: chunk.messageId,
          startedAt: min(chunk.createdAt),
          chunkCount: count(chunk.id),
        }))
      return q.from({ head: heads }).select(({ head }) => ({
        messageId: head.messageId,
        startedAt: head.startedAt,
        chunkCount: head.chunkCount,
        chunks: toArray(
          q
            .from({ chunk: chunks })
            .where(({ chunk }) => eq(chunk.messageId, head.messageId))
            .orderBy(({ chunk }) => chunk.seq),
        ),
      }))
    },
    getKey: ({ messageId }) => messageId,
  })

  const messages = createLiveQueryCollection({
    query: (q) =>
      q
        .from({ group: chunksOfMessage })
        .orderBy(({ group }) => group.startedAt)
        .fn.select(({ group }) => {
          materialized.push(group.messageId)
          return materializeMessage(group.messageId, group.chunks)
        }),
    getKey: ({ id }) => id,
  })

  const approvals = createLiveQueryCollection({
    query: (q) =>
      q
        .from({ message: messages })
        .fn.where(({ message }) => message.calls.some(({ approved }) => approved === undefined)),
    getKey: ({ id }) => id,
  })

  return { db, messages, approvals, materialized }
}

const insert = (chunk: Omit<Chunk, 'id' | 'createdAt'>, minute = chunk.messageId.slice(1)) =>
  schema.chunks.insert({
    value: {
      ...chunk,
      id: `${chunk.messageId}-${chunk.seq}`,
      createdAt: `2026-01-01T00:${minute.padStart(2, '0')}:00Z`,
    },
  })

const says = (messageId: string, seq: number, text: string) =>
  insert({ messageId, seq, role: 'assistant', part: { type: 'text', text } })

const asks = (messageId: string, seq: number, callId: string) =>
  insert({
    messageId,
    seq,
    role: 'assistant',
    part: { type: 'tool-call', callId, tool: 'delete-files' },
  })

it('chunks add up to messages, and messages to what waits for an approval, as they stream', async () => {
  const url = await chatUrl()
  const model = await DurableStream.create({ url, contentType: 'application/json', backoff: FAST })
  await model.appendAll([
    insert({ messageId: 'm1', seq: 0, role: 'user', part: { type: 'text', text: 'Tidy up' } }),
    says('m2', 0, 'I '),
  ])
  const { db, messages, approvals } = openSession(url)
  await Promise.all([messages.preload(), approvals.preload()])
  const texts = (): string[] => messages.toArray.map(({ text }) => text)
  expect(texts()).toEqual(['Tidy up', 'I '])

  const seen: (string | undefined)[] = []
  messages.subscribeChanges(() => seen.push(messages.get('m2')?.text))
  for (const [i, word] of ['will ', 'delete ', 'them.'].entries()) {
    await model.append(says('m2', i + 1, word))
    await eventually(() => expect(texts()[1]).toMatch(new RegExp(`${word}$`)))
  }
  expect(seen).toEqual(['I will ', 'I will delete ', 'I will delete them.'])
  expect(approvals.size).toBe(0)

  await model.append(asks('m2', 4, 'c1'))
  await eventually(() => expect(approvals.toArray.map(({ id }) => id)).toEqual(['m2']))

  // Whoever looks may decide, by writing a chunk of their own: it shows at once.
  const write = db.collections.chunks.insert({
    id: 'm2-5',
    messageId: 'm2',
    seq: 5,
    createdAt: '2026-01-01T00:09:00Z',
    role: 'user',
    part: { type: 'approval', callId: 'c1', approved: true },
  })
  await eventually(() => expect(approvals.size).toBe(0))
  expect(messages.get('m2')?.calls).toEqual([
    { type: 'tool-call', callId: 'c1', tool: 'delete-files', approved: true },
  ])
  await write.isPersisted.promise
  expect(approvals.size).toBe(0)
})

it('a chunk costs its own message alone, however many there are', async () => {
  const url = await chatUrl()
  const model = await DurableStream.create({ url, contentType: 'application/json', backoff: FAST })
  const ids = Array.from({ length: 50 }, (_, i) => `m${i}`)
  await model.appendAll(ids.flatMap((id) => [says(id, 0, 'Hello '), says(id, 1, id)]))
  const { messages, materialized } = openSession(url)
  await messages.preload()
  expect(messages.size).toBe(50)

  materialized.length = 0
  await model.append(says('m7', 2, '!'))
  await eventually(() => expect(messages.get('m7')?.text).toBe('Hello m7!'))
  expect(new Set(materialized)).toEqual(new Set(['m7']))
})

it('chunks that arrive in any order, or twice, make the same messages in the same order', async () => {
  const url = await chatUrl()
  const model = await DurableStream.create({ url, contentType: 'application/json', backoff: FAST })
  const { messages } = openSession(url)
  await messages.preload()
  await model.append(says('m3', 1, 'second'))
  await model.appendAll([says('m1', 0, 'early'), says('m3', 0, 'first, ')])
  await model.append(says('m3', 1, 'second'))
  await model.append(schema.chunks.delete({ key: 'm1-0' }))
  await model.append(says('m2', 0, 'between'))

  await eventually(() =>
    expect(messages.toArray.map(plain)).toEqual([
      { id: 'm2', role: 'assistant', text: 'between', calls: [] },
      { id: 'm3', role: 'assistant', text: 'first, second', calls: [] },
    ]),
  )
})
