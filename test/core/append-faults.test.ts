import { expect, it } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
import { scriptedFetch, type Fate } from '../support/scripted-fetch.ts'
import { startServer } from '../support/server.ts'

const json = { contentType: 'application/json' }
const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const read = async (url: string): Promise<unknown[]> => (await stream({ url, live: false })).json()

async function setup(fates: Fate[], options: { exactlyOnce?: boolean } = {}) {
  const { url } = await startServer()
  const scripted = scriptedFetch(...fates)
  const { fetch } = scripted
  const writer = await DurableStream.create({
    url: `${url}/a`,
    ...json,
    fetch,
    backoff,
    ...options,
  })
  return { ...scripted, writer, url: `${url}/a` }
}

it('stores an append once whose answer was lost, and those after it', async () => {
  const { writer, url } = await setup(['reply-lost', 'reply-lost', 'ok', 'refused', 'reply-lost'])
  await writer.append(1)
  await writer.append(2)
  await writer.append(3)
  expect(await read(url)).toEqual([1, 2, 3])
})

it('closes once, with the last value, when the answer was lost', async () => {
  const { writer, url } = await setup(['ok', 'reply-lost'])
  await writer.append(1)
  const { offset } = await writer.close(2)
  expect(await read(url)).toEqual([1, 2])
  expect(await writer.head()).toMatchObject({ closed: true, offset })
})

it('takes a stream that is closed already for closed, whoever closed it', async () => {
  const forgotten: Fate = {
    status: 409,
    headers: { 'stream-closed': 'true', 'stream-next-offset': '5', 'producer-expected-seq': '0' },
  }
  const { writer } = await setup(['ok', 'reply-lost', forgotten])
  await writer.append(1)
  expect(await writer.close()).toEqual({ offset: '5' })
})

it('goes on as a new producer when the server forgot the old one and did not see the write', async () => {
  const forgot = { 'producer-expected-seq': '0', 'producer-received-seq': '1' }
  const { writer, url } = await setup(['ok', { status: 409, headers: forgot }])
  await writer.append(1)
  await writer.append(2)
  expect(await read(url)).toEqual([1, 2])
})

it('says so when an answer was lost and the server forgot whose write it was, and repeats nothing', async () => {
  const forgot = { 'producer-expected-seq': '0', 'producer-received-seq': '1' }
  const { writer, url } = await setup(['ok', 'reply-lost', { status: 409, headers: forgot }])
  await writer.append(1)
  await expect(writer.append(2)).rejects.toMatchObject({
    name: 'SequenceGapError',
    message: expect.stringContaining('read what is there'),
  })
  await writer.append(3)
  expect(await read(url)).toEqual([1, 2, 3])
})

it('does not take a new write for the repetition of one that was given up', async () => {
  const lost: Fate[] = Array.from({ length: 6 }, () => 'reply-lost')
  const { writer, url } = await setup(lost)
  await expect(writer.append(1)).rejects.toMatchObject({ code: 'disconnected' })
  await writer.append(2)
  expect(await read(url)).toEqual([1, 2])
})

it('is not misled by a write that was aborted on its way and stored all the same', async () => {
  const controller = new AbortController()
  const { writer, url } = await setup([
    async () => {
      queueMicrotask(() => controller.abort(new Error('left')))
      return 'reply-lost'
    },
  ])
  await expect(writer.append(1, controller)).rejects.toThrow('left')
  await writer.append(2)
  expect((await read(url)).at(-1)).toEqual(2)
})

it('ends a wait for the next try when the only caller has left', async () => {
  const busy = { status: 503, headers: { 'retry-after': '30' } }
  const controller = new AbortController()
  const { writer, url, bodies } = await setup([
    async () => {
      setTimeout(() => controller.abort(new Error('left')), 1)
      return busy
    },
  ])
  await expect(writer.append(1, controller)).rejects.toThrow('left')
  await writer.append(2)
  expect(await read(url)).toEqual([2])
  expect(bodies).toHaveLength(2)
})

it.each<Fate>(['refused', 'reply-lost', { status: 503 }, { status: 500 }])(
  'does not repeat a write of unknown fate when told to write at most once: %j',
  async (fate) => {
    const { writer, url, bodies, headers } = await setup([fate], { exactlyOnce: false })
    await expect(writer.append(1)).rejects.toMatchObject({ retryable: false })
    expect(bodies).toHaveLength(1)
    expect(headers[0]!.has('producer-id')).toBe(false)
    expect(await read(url)).toEqual(fate === 'reply-lost' ? [1] : [])
  },
)

it.each<Fate>([
  { status: 429 },
  { status: 408 },
  { status: 425 },
  { status: 503, headers: { 'retry-after': '0' } },
])('repeats a write that was turned away unread, even then: %j', async (fate) => {
  const { writer, url, bodies } = await setup([fate], { exactlyOnce: false })
  await writer.append(1)
  expect(bodies).toHaveLength(2)
  expect(await read(url)).toEqual([1])
})

it('finds the one write that the server does not take with few requests', async () => {
  const { url } = await startServer({ maxBodyBytes: 4000 })
  const { fetch, bodies } = scriptedFetch()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, fetch })
  const outcomes = await Promise.allSettled(
    Array.from({ length: 64 }, (_, n) => writer.append(n === 20 ? { text: 'x'.repeat(9000) } : n)),
  )
  expect(bodies.length).toBeLessThan(64)
  expect(outcomes.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([20])
})
