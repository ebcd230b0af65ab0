import { describe, expect } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { makeStream, poll, test } from './client-page.ts'

const numbers = Array.from({ length: 100 }, (_, n) => n)

async function storedAt(url: string): Promise<unknown[]> {
  return (await new DurableStream({ url }).stream({ live: false, cache: 'no-store' })).json()
}

describe('a page', () => {
  test('has what it pipes in stored once, although connections break', async ({
    startSite,
    open,
    faults,
  }) => {
    faults.expected.push(/ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_CONTENT_LENGTH_MISMATCH/)
    const site = await startSite()
    const { url } = await makeStream(site)
    const proxy = await startCuttableProxy(Number(new URL(site.url).port))
    const origin = `http://127.0.0.1:${proxy.port}`
    const page = await open({ ...site, url: origin })
    proxy.cutNextAnswers(4, 'POST ')
    await page.evaluate(
      async ([url, numbers]) => {
        const contentType = 'application/json'
        const backoff = { firstDelayMs: 5 }
        const stream = new window.streamwell.DurableStream<number>({ url, contentType, backoff })
        const left = [...numbers]
        const source = new ReadableStream<number>({
          async pull(controller) {
            await new Promise((resolve) => setTimeout(resolve, 1))
            if (left.length === 0) controller.close()
            else controller.enqueue(left.shift()!)
          },
        })
        await source.pipeTo(stream.writable({ close: true }))
      },
      [`${origin}/v1/stream/a`, numbers] as const,
    )
    await proxy.close()
    expect(await storedAt(url)).toEqual(numbers)
    expect(proxy.cutAnswers()).toBe(4)
    expect(await DurableStream.head({ url })).toMatchObject({ closed: true })
  })

  test('that is loaded again goes on writing where it was, by a store', async ({
    startSite,
    open,
    faults,
  }) => {
    // Batches on their way at once overtake each other; the early one is refused and goes again.
    faults.expected.push(/status of 409/)
    const site = await startSite()
    const { url } = await makeStream(site)
    const page = await open(site, async () => {
      const { DurableStream, IdempotentProducer } = window.streamwell
      const stream = new DurableStream<number>({ url: '/v1/stream/a' })
      const producer = new IdempotentProducer(stream, 'page', {
        lingerMs: 0,
        store: {
          load: async () => JSON.parse(localStorage.getItem('state') ?? 'null') ?? undefined,
          save: async (state) => localStorage.setItem('state', JSON.stringify(state)),
        },
      })
      const next = (): number => Number(localStorage.getItem('next') ?? 0)
      const write = async (): Promise<void> => {
        while (next() < 100) {
          await producer.append(next())
          // It is kept now: not to be appended again.
          localStorage.setItem('next', String(next() + 1))
        }
        await producer.close()
      }
      void write()
    })
    for (let n = 1; n <= 6; n++) {
      await page.waitForFunction((count) => Number(localStorage.getItem('next')) >= count, n * 12)
      await page.reload()
    }
    const isClosed = async (): Promise<boolean> => (await DurableStream.head({ url })).closed
    await poll(isClosed).toBe(true)
    expect(await storedAt(url)).toEqual(numbers)
  })
})
