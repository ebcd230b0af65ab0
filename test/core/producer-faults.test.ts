import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DurableStream,
  IdempotentProducer,
  type ProducerOptions,
  stream,
} from '../../src/core/index.ts'
import { createFaultyFetch, seededRandom } from '../support/faulty-fetch.ts'
import { type Fate, scriptedFetch } from '../support/scripted-fetch.ts'
import { createStream, startServer } from '../support/server.ts'

const json = { contentType: 'application/json' }
const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const read = async (url: string): Promise<unknown[]> => (await stream({ url, live: false })).json()
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)
const gap = (expected: number): Fate => ({
  status: 409,
  headers: { 'producer-expected-seq': String(expected), 'producer-received-seq': '9' },
})
const stale = (epoch: string): Fate => ({ status: 403, headers: { 'producer-epoch': epoch } })

/** Each value is a batch of its own. */
async function setup(fates: Fate[], options: ProducerOptions = {}) {
  const { url } = await startServer()
  const scripted = scriptedFetch(...fates)
  const { fetch } = scripted
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch, backoff })
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const producer = new IdempotentProducer(target, 'p', { maxBatchBytes: 1, onError, ...options })
  return { ...scripted, target, producer, errors, url: `${url}/a` }
}

it('loses no batch and repeats none when requests are dropped and answers lost', async () => {
  const { producer, url } = await setup([
    'reply-lost',
    'ok',
    'refused',
    'reply-lost',
    'ok',
    'refused',
  ])
  for (const n of numbers(9)) void producer.append(n)
  await producer.flush()
  expect(await read(url)).toEqual(numbers(9))
})

it('sends a batch again that came before its predecessor', async () => {
  let arrive = (): void => undefined
  const overtaken = new Promise<void>((resolve) => (arrive = resolve))
  const late = async (): Promise<Fate> => {
    await overtaken
    return 'ok'
  }
  const early = async (): Promise<Fate> => {
    arrive()
    return gap(1)
  }
  const { producer, url, bodies } = await setup(['ok', late, early])
  for (const n of numbers(9)) void producer.append(n)
  await producer.flush()
  expect(await read(url)).toEqual(numbers(9))
  expect(bodies.length).toBeGreaterThanOrEqual(10)
})

it('closes the stream once when the answer to the closing is lost', async () => {
  const { producer, url, target } = await setup(['ok', 'reply-lost', 'reply-lost'])
  void producer.append(1)
  await producer.close(2)
  expect(await read(url)).toEqual([1, 2])
  expect(await target.head()).toMatchObject({ closed: true })
})

it('takes a stream that is closed already for closed, whoever closed it', async () => {
  const forgotten: Fate = {
    status: 409,
    headers: { 'stream-closed': 'true', 'stream-next-offset': '5', 'producer-expected-seq': '0' },
  }
  const { producer } = await setup(['ok', 'reply-lost', forgotten])
  void producer.append(1)
  await producer.flush()
  expect(await producer.close()).toEqual({ offset: '5' })
})

describe('fails loudly, and rejects all that waits with the same error,', () => {
  it.each<[string, Fate[], object]>([
    ['when tries run out', Array.from({ length: 20 }, () => 'refused'), { code: 'disconnected' }],
    ['when the stream is gone', ['ok', { status: 404 }], { code: 'not-found' }],
    ['when a batch is too large', ['ok', { status: 413 }], { code: 'too-large' }],
    ['when another has its name', [stale('3')], { name: 'StaleEpochError', currentEpoch: 3 }],
    ['when the server forgot it', ['ok', gap(0)], { name: 'SequenceGapError', expectedSeq: 0 }],
    ['when a gap makes no sense', [gap(1e15), gap(5)], { name: 'SequenceGapError' }],
  ])('%s', async (_name, fates, expected) => {
    const { producer, errors } = await setup(fates, { maxBufferedBytes: 1 })
    const appended = numbers(5).map((n) => producer.append(n))
    await expect(producer.flush()).rejects.toMatchObject(expected)
    const [error] = errors
    expect(errors).toEqual([error])
    await expect(producer.flush()).rejects.toBe(error)
    await expect(producer.append(1)).rejects.toBe(error)
    await expect(producer.ready).rejects.toBe(error)
    await expect(appended.at(-1)).rejects.toBe(error)
    await expect(producer.close()).rejects.toBe(error)
  })
})

it('says that there is no stream to write to, and can be restarted when there is', async () => {
  const { url } = await startServer()
  const target = new DurableStream<number>({ url: `${url}/a` })
  const producer = new IdempotentProducer(target, 'p')
  void producer.append(1)
  await expect(producer.flush()).rejects.toMatchObject({ code: 'not-found' })
  await createStream(url)
  await producer.restart()
  void producer.append(2)
  await producer.close()
  expect(await read(`${url}/a`)).toEqual([2])
})

it('works again after restart, in the next epoch', async () => {
  const { producer, url } = await setup(['ok', { status: 404 }])
  void producer.append(1)
  await producer.flush()
  void producer.append(2)
  await expect(producer.flush()).rejects.toMatchObject({ code: 'not-found' })
  await producer.restart()
  expect(producer.pendingCount).toBe(0)
  void producer.append(3)
  await producer.flush()
  expect(await read(url)).toEqual([1, 3])
})

it('outdoes the epoch that shut it out when it is restarted', async () => {
  const { producer, target, url } = await setup([])
  const other = new IdempotentProducer(target, 'p', { epoch: 5 })
  void other.append(1)
  await other.flush()
  void producer.append(2)
  await expect(producer.flush()).rejects.toMatchObject({ name: 'StaleEpochError' })
  await producer.restart()
  expect(producer.epoch).toBe(6)
  void producer.append(3)
  await producer.flush()
  expect(await read(url)).toEqual([1, 3])
})

describe('told to claim epochs', () => {
  it('goes on when the server forgot it and nothing can be stored twice by that', async () => {
    const { producer, url } = await setup(['ok', gap(0)], { autoClaim: true })
    for (const n of numbers(6)) void producer.append(n)
    await producer.flush()
    expect(producer.epoch).toBe(1)
    expect(await read(url)).toEqual(numbers(6))
  })

  it.each<[string, Fate]>([
    ['the server forgot it', gap(0)],
    ['another took over', stale('3')],
  ])('fails when %s after an answer was lost: that batch may be stored', async (_name, fate) => {
    const { producer, url } = await setup(['ok', 'reply-lost', fate], {
      autoClaim: true,
      maxInFlight: 1,
    })
    for (const n of numbers(2)) void producer.append(n)
    await expect(producer.flush()).rejects.toMatchObject({ code: /conflict|forbidden/ })
    expect(await read(url)).toEqual(numbers(2))
  })

  it('gives up claiming from a server that always has a newer epoch', async () => {
    const fates = numbers(50).map((n) => stale(String(n + 1)))
    const { producer, bodies } = await setup(fates, { autoClaim: true })
    void producer.append(1)
    await expect(producer.flush()).rejects.toMatchObject({ name: 'StaleEpochError' })
    expect(bodies.length).toBeLessThan(10)
  })

  it.each(['-5', 'x', '9007199254740991'])('is not led astray by an epoch of %s', async (epoch) => {
    const fates = numbers(50).map(() => stale(epoch))
    const { producer, bodies } = await setup(fates, { autoClaim: true })
    void producer.append(1)
    await expect(producer.flush()).rejects.toMatchObject({ name: 'StaleEpochError' })
    expect(bodies.length).toBeLessThan(10)
  })
})

it('gives up at once, and cancels its requests, when its signal aborts', async () => {
  const controller = new AbortController()
  const hung = (): Promise<Fate> => new Promise(() => undefined)
  const { producer } = await setup([hung], { signal: controller.signal })
  const busy = { status: 503, headers: { 'retry-after': '30' } }
  const waiting = await setup([busy], { signal: controller.signal })
  const flushes = [producer, waiting.producer].map((each) => {
    void each.append(1)
    return each.flush()
  })
  await expect.poll(() => waiting.bodies.length).toBe(1)
  const reason = new Error('left')
  controller.abort(reason)
  for (const flush of flushes) await expect(flush).rejects.toBe(reason)
  expect(waiting.bodies).toHaveLength(1)
})

it('gives up at once when its signal aborts while it still asks for the content type', async () => {
  const controller = new AbortController()
  const hung: typeof fetch = () => new Promise(() => undefined)
  const target = new DurableStream<number>({ url: 'http://127.0.0.1:9/a', fetch: hung })
  const producer = new IdempotentProducer(target, 'p', { signal: controller.signal })
  const appended = producer.append(1)
  const reason = new Error('left')
  controller.abort(reason)
  await expect(appended).rejects.toBe(reason)
  await expect(producer.flush()).rejects.toBe(reason)
})

it('refuses everything when its signal has aborted before', async () => {
  const reason = new Error('left')
  const { producer, bodies } = await setup([], { signal: AbortSignal.abort(reason) })
  await expect(producer.append(1)).rejects.toBe(reason)
  await expect(producer.close()).rejects.toBe(reason)
  expect(bodies).toHaveLength(0)
})

it('stores everything once and in order on a bad network, whatever its settings', async () => {
  const { url } = await startServer()
  let streams = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 120 }),
      fc.boolean(),
      async (seed, maxInFlight, maxBatchBytes, count, close) => {
        const path = `s${streams++}`
        await createStream(url, { path })
        const { fetch } = createFaultyFetch(seededRandom(seed), 0.15)
        const target = new DurableStream<number>({
          url: `${url}/${path}`,
          fetch,
          backoff: { ...backoff, maxAttempts: 50 },
        })
        const options = { maxInFlight, maxBatchBytes, lingerMs: 0, maxBufferedBytes: 50 }
        const producer = new IdempotentProducer(target, 'p', options)
        const random = seededRandom(seed)
        for (const n of numbers(count)) {
          const appended = producer.append(n)
          if (random() < 0.5) await appended
          if (random() < 0.05) await producer.flush()
        }
        await (close ? producer.close(count) : producer.flush())
        expect(await read(`${url}/${path}`)).toEqual(numbers(close ? count + 1 : count))
      },
    ),
    { numRuns: 60 },
  )
})
