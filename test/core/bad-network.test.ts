import { expect, it } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
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
  expect(happened.size).toBeGreaterThan(2)
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
