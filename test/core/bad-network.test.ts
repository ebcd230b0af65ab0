import { expect, it, onTestFinished } from 'vitest'
import { DurableStream, IdempotentProducer } from '../../src/core/index.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { createFaultyFetch, seededRandom } from '../support/faulty-fetch.ts'
import { startServer } from '../support/server.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 4, maxAttempts: Infinity, maxTotalMs: Infinity }
const seeds = Array.from({ length: 12 }, (_, seed) => seed)
const numbers = Array.from({ length: 60 }, (_, number) => number)

it.each(seeds)('loses nothing and repeats nothing on a bad network (seed %i)', async (seed) => {
  const { url } = await startServer({ longPollTimeoutMs: 50, sseLifetimeMs: 80 })
  const contentType = 'application/json'
  const { fetch, happened } = createFaultyFetch(seededRandom(seed), 0.12)
  const writer = await DurableStream.create<number>({
    url: `${url}/a`,
    contentType,
    fetch,
    backoff,
  })

  const live = seed % 3 === 0 ? true : seed % 3 === 1 ? 'sse' : 'long-poll'
  const offsets: string[] = []
  const read = (async () => {
    const items: number[] = []
    for await (const batch of writer.follow({ live })) {
      items.push(...batch.items)
      offsets.push(batch.offset)
    }
    return items
  })()
  // Some join, some go alone.
  for (const number of numbers) {
    const append = writer.append(number)
    if (number % 3 === 0) await append
  }
  await writer.close()

  expect(await read).toEqual(numbers)
  expect(offsets).toEqual([...offsets].sort())
  expect(happened.size).toBeGreaterThan(0)
})

it('resumes at a saved offset after each break, and gets everything once', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create<number>({
    url: `${url}/a`,
    contentType: 'application/json',
  })
  for (const number of numbers) await writer.append(number)
  await writer.close()

  let saved = '-1'
  const items: number[] = []
  for (let isClosed = false; !isClosed; ) {
    // A reader that goes away after one batch, as a reloaded page does.
    for await (const batch of writer.follow({ offset: saved, live: 'sse' })) {
      items.push(...batch.items)
      saved = batch.offset
      isClosed = batch.streamClosed
      break
    }
  }
  expect(items).toEqual(numbers)
})

/** Ways of writing the numbers to a stream, and closing it. */
const WRITERS: Record<string, (stream: DurableStream<number>) => Promise<unknown>> = {
  'appends one by one': async (stream) => {
    for (const number of numbers) await stream.append(number)
    await stream.close()
  },
  'appends together': async (stream) => {
    await Promise.all(numbers.map((number) => stream.append(number)))
    await stream.close()
  },
  'a producer': async (stream) => {
    const producer = new IdempotentProducer(stream, 'p', { maxBatchBytes: 6, lingerMs: 0 })
    for (const number of numbers) await producer.append(number)
    await producer.close()
  },
  'a pipe': (stream) =>
    stream.appendStream(
      (async function* () {
        for (const number of numbers) {
          await new Promise(setImmediate)
          yield number
        }
      })(),
      { close: true },
    ),
}

it.each(
  Object.keys(WRITERS).flatMap((name) => seeds.slice(0, 4).map((seed) => [name, seed] as const)),
)('stores everything once and in order by %s on a bad network (seed %i)', async (name, seed) => {
  const { url } = await startServer()
  const { fetch, happened } = createFaultyFetch(seededRandom(seed), 0.2)
  const options = { url: `${url}/a`, contentType: 'application/json' }
  const stream = await DurableStream.create<number>(options)
  await WRITERS[name]!(new DurableStream<number>({ ...options, fetch, backoff }))

  const response = await stream.stream({ live: false })
  expect(await response.json()).toEqual(numbers)
  expect(response.streamClosed).toBe(true)
  // Some of them write all in a few requests.
  if (name === 'appends one by one') expect(happened.size).toBeGreaterThan(2)
})

it.each(
  Object.keys(WRITERS).flatMap((name) =>
    ([true, 'sse', 'long-poll'] as const).map((live) => [name, live] as const),
  ),
)(
  'stores and reads everything once over connections that break (%s, live: %s)',
  async (name, live) => {
    const { url } = await startServer()
    const proxy = await startCuttableProxy(Number(new URL(url).port))
    onTestFinished(() => proxy.close())
    const options = { url: `${url}/a`, contentType: 'application/json' }
    await DurableStream.create(options)
    const through = { ...options, url: `http://127.0.0.1:${proxy.port}/v1/stream/a`, backoff }

    let cuts = 0
    const read: number[] = []
    const reading = (async () => {
      for await (const item of new DurableStream<number>(through).json({ live })) {
        // Again and again, in the midst of what both are doing.
        if (read.push(item) % 7 === 0) cuts += proxy.cutAll()
      }
    })()
    // The next answers to appends are lost in their middle.
    proxy.cutNextAnswers(3, 'producer-seq')
    await WRITERS[name]!(new DurableStream<number>(through))
    await reading
    expect(read).toEqual(numbers)
    expect(cuts + proxy.cutAnswers()).toBeGreaterThan(0)
  },
)
