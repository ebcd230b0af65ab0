import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { startServer } from '../support/server.ts'
import { expectItems, follow, makeStream, openLive, poll, test } from './client-page.ts'

describe('a page', () => {
  test('reads events as they come, over one connection', async ({ startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    await writer.append(1)
    const page = await open(site)
    await follow(page, writer.url, 'sse')
    for (let n = 2; n <= 5; n++) {
      await expectItems(
        page,
        Array.from({ length: n - 1 }, (_, i) => i + 1),
      )
      await writer.append(n)
    }
    await expectItems(page, [1, 2, 3, 4, 5])
    expect(site.seen.filter(({ live }) => live !== null)).toMatchObject([
      { live: 'shared', isOpen: true },
    ])
    await writer.close()
    await page.evaluate(() => window.response.closed)
    expect(await page.evaluate(() => window.told)).toEqual(['connecting', 'live', 'closed'])
    await poll(() => openLive(site)).toEqual([])
  })

  test.for(['sse', 'long-poll'] as const)(
    'that cancels frees its connection at once (%s)',
    async (live, { startSite, open }) => {
      const site = await startSite()
      const writer = await makeStream(site)
      const page = await open(site)
      await follow(page, writer.url, live)
      await poll(() => openLive(site)).toHaveLength(1)
      await page.evaluate(() => {
        window.response.cancel()
        return window.response.closed
      })
      await poll(() => openLive(site)).toHaveLength(0)
      const before = site.seen.length
      // Further requests of the page would come before these of it.
      await page.evaluate(async (url) => {
        for (let n = 0; n < 5; n++) await fetch(url, { method: 'HEAD' })
      }, writer.url)
      expect(site.seen.length).toBe(before + 5)
    },
  )

  test('asks for its token again whenever it connects', async ({ startSite, open }) => {
    const site = await startSite({ sseLifetimeMs: 100 })
    const writer = await makeStream(site)
    const page = await open(site)
    await page.evaluate(async (url) => {
      let tokens = 0
      const headers = { authorization: async () => `Bearer ${++tokens}` }
      window.response = await window.streamwell.stream({ url, live: 'sse', headers })
      window.response.subscribeJson(() => undefined)
    }, writer.url)
    const reads = () => site.seen.filter(({ method, live }) => method === 'GET' || live !== null)
    const tokens = (): unknown[] => reads().map(({ headers }) => headers.authorization)
    await poll(() => tokens().length).toBeGreaterThanOrEqual(4)
    expect(tokens().slice(0, 4)).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3', 'Bearer 4'])
    expect(await page.evaluate(() => (window.response.cancel(), window.response.closed))).toBe(
      undefined,
    )
  })

  test('reads and writes a stream of another origin', async ({ startSite, open, faults }) => {
    faults.expected.push(/status of 404 .*none$/)
    const site = await startSite()
    const { url: origin } = await startServer()
    const page = await open(site)
    const read = await page.evaluate(async (url) => {
      const { DurableStream } = window.streamwell
      const contentType = 'application/json'
      const headers = { authorization: 'Bearer 1' }
      const stream = await DurableStream.create<number>({ url, contentType, headers })
      const items: number[] = []
      const response = await stream.stream({ live: 'sse' })
      response.subscribeJson((arrival) => void items.push(...arrival.items))
      for (let n = 0; n < 5; n++) await stream.append(n)
      const missing = await DurableStream.head({ url: `${url}/none` }).catch((error) => error.code)
      const { offset } = await stream.append(5)
      await stream.close()
      await response.closed
      return { items, isAtEnd: response.offset === offset, missing }
    }, `${origin}/a`)
    expect(read).toEqual({ items: [0, 1, 2, 3, 4, 5], isAtEnd: true, missing: 'not-found' })
  })

  test('keeps bytes as they are', async ({ startSite, open }) => {
    const site = await startSite()
    const url = `${site.streams}/bytes`
    const bytes = Uint8Array.from({ length: 100_000 }, (_, n) => n % 256)
    const writer = await DurableStream.create({ url, contentType: 'application/octet-stream' })
    const page = await open(site)
    const reading = page.evaluate(async (url) => {
      const response = await window.streamwell.stream({ url, live: 'sse' })
      const read: number[] = []
      response.subscribeBytes(({ data }) => void data.forEach((byte) => read.push(byte)))
      await response.closed
      return read
    }, url)
    await poll(() => openLive(site)).toHaveLength(1)
    await writer.append(bytes)
    await writer.close()
    expect(Uint8Array.from(await reading)).toEqual(bytes)
  })
})

/** All that a page is told is stored. */
function readStored(page: Page, url: string, cache: RequestCache): Promise<unknown[]> {
  return page.evaluate(
    async ([url, cache]) => {
      const response = await window.streamwell.stream({ url, live: false, cache })
      return response.json()
    },
    [url, cache] as const,
  )
}

describe('the cache of the browser', () => {
  test('gives history again, and what is live makes up for it', async ({ startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    await writer.append(1)
    const page = await open(site)
    const readAll = (): Promise<unknown[]> => readStored(page, writer.url, 'default')
    expect(await readAll()).toEqual([1])
    await writer.append(2)
    // As long as the server allowed it to be kept.
    expect(await readAll()).toEqual([1])
    expect(site.seen.filter(({ method }) => method === 'GET')).toHaveLength(1)
    await follow(page, writer.url, true)
    await expectItems(page, [1, 2])
  })

  test('asks whether it changed, when told to', async ({ startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    await writer.append(1)
    const page = await open(site)
    const readAll = (): Promise<unknown[]> => readStored(page, writer.url, 'no-cache')
    expect(await readAll()).toEqual([1])
    expect(await readAll()).toEqual([1])
    await writer.append(2)
    expect(await readAll()).toEqual([1, 2])
    const answers = site.seen.filter(({ method }) => method === 'GET')
    await poll(() => answers.map(({ status }) => status)).toEqual([200, 304, 200])
  })
})
