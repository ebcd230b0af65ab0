import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { DurableStream, StreamResponse } from '../../src/core/index.ts'
import { makeStream, openLive, poll, test } from './client-page.ts'

type Client = Window['streamwell']

/** Runs `use` in a page, where nothing of this file is known, on the client and a stream's address. */
function inPage<Result>(
  page: Page,
  url: string,
  use: (client: Client, url: string) => Promise<Result>,
): Promise<Result> {
  return page.evaluate(`(${String(use)})(streamwell, ${JSON.stringify(url)})`) as Promise<Result>
}

/** Reads three numbers, and what is live until the stream is closed. */
const READERS: Record<string, (response: StreamResponse<number>) => Promise<unknown>> = {
  json: (response) => response.json(),
  text: (response) => response.text(),
  body: async (response) => new TextDecoder().decode(await response.body()),
  jsonBatches: async (response) => {
    const items: number[] = []
    for await (const batch of response.jsonBatches()) items.push(...batch.items)
    return items
  },
  jsonStream: async (response) => {
    const items: number[] = []
    await response.jsonStream().pipeTo(new WritableStream({ write: (n) => void items.push(n) }))
    return items
  },
  textStream: async (response) => {
    let all = ''
    await response.textStream().pipeTo(new WritableStream({ write: (text) => void (all += text) }))
    return all
  },
  bodyStream: async (response) => new Response(response.bodyStream()).text(),
  subscribeJson: async (response) => {
    const items: number[] = []
    response.subscribeJson((arrival) => void items.push(...arrival.items))
    await response.closed
    return items
  },
  subscribeText: async (response) => {
    let all = ''
    response.subscribeText(({ text }) => void (all += text))
    await response.closed
    return all
  },
  subscribeBytes: async (response) => {
    let all = ''
    const decoder = new TextDecoder()
    response.subscribeBytes(({ data }) => void (all += decoder.decode(data)))
    await response.closed
    return all
  },
}

/** These read up to the present end; the others go on with what comes. */
const OF_THE_PRESENT: readonly string[] = ['json', 'text', 'body']

describe('reading in a page', () => {
  test.for(Object.keys(READERS))(
    'by %s gives everything, also what comes later',
    async (name, { startSite, open }) => {
      const site = await startSite()
      const writer = await makeStream(site)
      await writer.appendAll([1, 2])
      const page = await open(site)
      const reading = page.evaluate(
        `streamwell.stream({ url: ${JSON.stringify(writer.url)}, live: 'sse' })
          .then(async (response) => [await (${String(READERS[name])})(response), response.upToDate])`,
      ) as Promise<[unknown, boolean]>
      const isOfThePresent = OF_THE_PRESENT.includes(name)
      if (!isOfThePresent) {
        await poll(() => openLive(site)).toHaveLength(1)
        await writer.close(3)
      }
      const [all, upToDate] = await reading
      // Each page of JSON text is an array of its own.
      const items = typeof all === 'string' ? JSON.parse(all.replace(/\]\s*\[/, ',')) : all
      expect(items).toEqual(isOfThePresent ? [1, 2] : [1, 2, 3])
      expect(upToDate).toBe(true)
    },
  )
})

/** Each writes 1, 2 and 3 to a stream that is there, and says what it found. */
const WRITERS: Record<string, (stream: DurableStream<number>, client: Client) => Promise<unknown>> =
  {
    append: async (stream) => {
      for (let n = 1; n <= 3; n++) await stream.append(n)
    },
    'append of text and bytes': async (stream) => {
      await Promise.all([stream.append('1'), stream.append(new TextEncoder().encode('2'))])
      await stream.append(3)
    },
    'append with conditions': async (stream) => {
      const { offset } = await stream.append(1, { seq: 'a' })
      await stream.append(2, { expectedOffset: offset })
      await stream.append(0, { expectedOffset: offset }).catch(() => undefined)
      await stream.append(0, { seq: 'a' }).catch(() => undefined)
      await stream.append(3)
    },
    appendAll: (stream) => stream.appendAll([1, 2, 3]),
    close: async (stream) => {
      await stream.appendAll([1, 2])
      await stream.close(3)
    },
    'appendStream of an array': (stream) => stream.appendStream([1, 2, 3]),
    'appendStream of a stream': (stream) =>
      stream.appendStream(
        new ReadableStream({
          start(controller) {
            for (let n = 1; n <= 3; n++) controller.enqueue(n)
            controller.close()
          },
        }),
      ),
    writable: async (stream) => {
      const writer = stream.writable().getWriter()
      for (let n = 1; n <= 3; n++) await writer.write(n)
      await writer.close()
    },
    IdempotentProducer: async (stream, { IdempotentProducer }) => {
      const producer = new IdempotentProducer<number>(stream, 'p')
      await producer.append(1)
      await producer.flush()
      await producer.append(2)
      await producer.append(3)
      await producer.detach()
    },
  }

describe('writing in a page', () => {
  test.for(Object.keys(WRITERS))(
    'by %s stores all in order',
    async (name, { startSite, open, faults }) => {
      if (name === 'append with conditions') faults.expected.push(/status of 409/)
      const site = await startSite()
      const { url } = await makeStream(site)
      const page = await open(site)
      const read = await page.evaluate(
        `(async () => {
          const stream = new streamwell.DurableStream({ url: ${JSON.stringify(url)} })
          await (${String(WRITERS[name])})(stream, streamwell)
          return (await stream.stream({ live: false })).json()
        })()`,
      )
      expect(read).toEqual([1, 2, 3])
    },
  )

  test('makes, finds, forks and deletes streams', async ({ startSite, open, faults }) => {
    faults.expected.push(/status of (404|409)/)
    const site = await startSite()
    const page = await open(site)
    const found = await inPage(page, `${site.streams}/x`, async (client, url) => {
      const { DurableStream } = client
      const contentType = 'application/json'
      const stream = await DurableStream.create<number>({ url, contentType, body: '[1]' })
      const codeOf = (error: { code: string }): string => error.code
      const clash = await stream.create({ contentType: 'text/plain' }).catch(codeOf)
      const fork = await stream.fork(`${url}/fork`)
      await fork.append(2)
      const items: number[] = []
      for await (const item of fork.json({ live: false })) items.push(item)
      const connected = await DurableStream.connect({ url: `${url}/fork` })
      const { data } = await connected.read()
      await stream.close()
      const { closed } = await DurableStream.head({ url })
      await fork.delete()
      await DurableStream.delete({ url })
      const gone = await DurableStream.connect({ url }).catch(codeOf)
      const read = JSON.parse(new TextDecoder().decode(data))
      return { clash, items, read, closed, gone }
    })
    expect(found).toEqual({
      clash: 'conflict',
      items: [1, 2],
      read: [1, 2],
      closed: true,
      gone: 'not-found',
    })
  })
})
