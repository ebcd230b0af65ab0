import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type { DurableStream } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { expectItems, follow, makeStream, openLive, poll, test } from './client-page.ts'
import type { ClientSite } from './client-site.ts'
import { putAside, setShown } from './page-life.ts'

const modes = [true, 'sse', 'long-poll'] as const

const told = (page: Page): Promise<string[]> => page.evaluate(() => window.told)
const lastTold = async (page: Page): Promise<string | undefined> => (await told(page)).at(-1)

/** From now on a retry by itself comes so late that no test sees it. */
function neverRetryByChance(page: Page): Promise<void> {
  return page.evaluate(() => {
    Math.random = () => 0.999
  })
}

/** Follows a stream until a live answer has brought 0: one of which nothing came is soon given up. */
async function followUntilNews(
  page: Page,
  site: ClientSite,
  writer: DurableStream<number>,
  live: boolean | 'sse' | 'long-poll',
  options: Parameters<typeof follow>[3] = {},
): Promise<void> {
  await follow(page, writer.url, live, options)
  await poll(() => openLive(site).length).toBe(1)
  await writer.append(0)
  await expectItems(page, [0])
}

describe('a page that loses its network', () => {
  test.for(modes)(
    'goes on as soon as it is back (live: %s)',
    async (live, { startSite, open, faults }) => {
      faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
      const site = await startSite()
      const writer = await makeStream(site)
      const page = await open(site)
      await follow(page, writer.url, live)
      for (let n = 1; n <= 3; n++) {
        await poll(() => openLive(site).length).toBe(1)
        await page.context().setOffline(true)
        await poll(() => lastTold(page)).toBe('offline')
        await writer.append(n)
        await page.context().setOffline(false)
        await expectItems(
          page,
          Array.from({ length: n }, (_, i) => i + 1),
        )
        await poll(() => lastTold(page)).toBe('live')
      }
      await writer.close()
      await page.evaluate(() => window.response.closed)
      await expectItems(page, [1, 2, 3])
    },
  )

  test('does not wait until its next try is due', async ({ startSite, open, faults }) => {
    faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    const site = await startSite()
    const writer = await makeStream(site)
    const page = await open(site)
    await neverRetryByChance(page)
    const never = 1_000_000
    await follow(page, writer.url, true, { backoff: { firstDelayMs: never, maxDelayMs: never } })
    await poll(() => openLive(site).length).toBe(1)
    await page.context().setOffline(true)
    await poll(() => lastTold(page)).toBe('offline')
    await writer.append(1)
    await page.context().setOffline(false)
    await expectItems(page, [1])
  })

  test('still has its writes stored once', async ({ startSite, open, faults }) => {
    faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    const site = await startSite()
    const writer = await makeStream(site)
    const page = await open(site)
    await page.context().setOffline(true)
    const writing = page.evaluate(async (url) => {
      const contentType = 'application/json'
      const stream = new window.streamwell.DurableStream<number>({ url, contentType })
      await Promise.all([1, 2, 3].map((n) => stream.append(n)))
    }, writer.url)
    await page.evaluate(() => fetch('/').catch(() => undefined))
    await page.context().setOffline(false)
    await writing
    expect(await (await writer.stream({ live: false })).json()).toEqual([1, 2, 3])
  })
})

describe('a page that one leaves and comes back to', () => {
  test.for(modes)('goes on where it was (live: %s)', async (live, { startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    const page = await open(site)
    await follow(page, writer.url, live)
    for (let n = 1; n <= 4; n += 2) {
      await poll(() => openLive(site).length).toBe(1)
      const [first] = openLive(site)
      await putAside(page, async () => {
        // It holds no connection while nobody sees it, which would keep a browser from keeping it.
        await poll(() => first!.isOpen).toBe(false)
        await writer.append(n)
      })
      await writer.append(n + 1)
      await expectItems(
        page,
        Array.from({ length: n + 1 }, (_, i) => i + 1),
      )
    }
    await writer.close()
    await page.evaluate(() => window.response.closed)
    expect((await told(page)).at(-1)).toBe('closed')
  })
})

describe('a page that is hidden', () => {
  test.for(modes)(
    'gives its connection back after a while, and goes on when seen (live: %s)',
    async (live, { startSite, open }) => {
      const site = await startSite()
      const writer = await makeStream(site)
      const page = await open(site)
      await page.clock.install()
      await followUntilNews(page, site, writer, live)

      await setShown(page, false)
      await page.clock.runFor(10_000)
      await writer.append(1)
      await expectItems(page, [0, 1])
      await page.clock.runFor(31_000)
      await poll(() => openLive(site)).toHaveLength(0)
      await poll(() => lastTold(page)).toBe('idle')
      await writer.append(2)
      const before = site.seen.length
      await page.clock.runFor(600_000)
      expect(site.seen.length).toBe(before)
      expect(await page.evaluate(() => window.items)).toEqual([0, 1])

      await setShown(page, true)
      await expectItems(page, [0, 1, 2])
      await poll(() => lastTold(page)).toBe('live')
      await writer.append(3)
      await expectItems(page, [0, 1, 2, 3])
    },
  )

  test('for a moment keeps its connection', async ({ startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    const page = await open(site)
    await page.clock.install()
    await followUntilNews(page, site, writer, 'sse')
    for (let n = 1; n <= 3; n++) {
      await setShown(page, false)
      await page.clock.runFor(12_000)
      await setShown(page, true)
      await page.clock.runFor(6000)
    }
    await setShown(page, false)
    await page.clock.runFor(9000)
    await writer.append(1)
    await expectItems(page, [0, 1])
    expect(site.seen.filter((request) => request.live !== null)).toHaveLength(1)
  })

  test('keeps its connection when it is told to', async ({ startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    const page = await open(site)
    await page.clock.install()
    await followUntilNews(page, site, writer, 'sse', { pauseWhenHidden: false })
    await setShown(page, false)
    await page.clock.runFor(50_000)
    await writer.append(1)
    await expectItems(page, [0, 1])
    expect(site.seen.filter((request) => request.live !== null)).toHaveLength(1)
  })

  test('and frozen by the browser loses nothing', async ({ startSite, open }) => {
    const site = await startSite({ sseLifetimeMs: 300 })
    const writer = await makeStream(site)
    const page = await open(site)
    await follow(page, writer.url, true)
    await poll(() => openLive(site).length).toBe(1)
    const session = await page.context().newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    for (let n = 1; n <= 3; n++) await writer.append(n)
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await expectItems(page, [1, 2, 3])
    await writer.append(4)
    await expectItems(page, [1, 2, 3, 4])
  })
})

describe('a machine that slept', () => {
  test('is live again when it wakes', async ({ startSite, open }) => {
    const site = await startSite()
    const writer = await makeStream(site)
    const page = await open(site)
    await page.clock.install()
    await followUntilNews(page, site, writer, 'sse')
    const first = openLive(site)[0]!
    // No timer ran for eight hours.
    await page.clock.fastForward('08:00:00')
    await poll(() => first.isOpen).toBe(false)
    await page.clock.runFor(20_000)
    await writer.append(1)
    await expectItems(page, [0, 1])
  })
})

describe('a page that is loaded again', () => {
  test.for(modes)(
    'has had everything once, by its saved offset (live: %s)',
    async (live, { startSite, open }) => {
      const site = await startSite({ sseLifetimeMs: 200, longPollTimeoutMs: 200 })
      const writer = await makeStream(site)
      const page = await open(site, async () => {
        const saved = localStorage.getItem('saved')
        const state = saved ? JSON.parse(saved) : { offset: '-1', items: [], loads: 0 }
        state.loads++
        const live = localStorage.getItem('live')
        if (!live) return
        window.response = await window.streamwell.stream({
          url: localStorage.getItem('url')!,
          live: JSON.parse(live),
          offset: state.offset,
        })
        window.response.subscribeJson(({ items, offset }) => {
          state.items.push(...items)
          localStorage.setItem('saved', JSON.stringify({ ...state, offset }))
        })
      })
      await page.evaluate(
        ([url, live]) => Object.assign(localStorage, { url, live: JSON.stringify(live) }),
        [writer.url, live] as const,
      )
      const numbers: number[] = []
      const write = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n++) await writer.append(numbers.push(numbers.length) - 1)
      }
      for (let n = 0; n < 8; n++) {
        const waitUntil = n % 2 === 0 ? 'commit' : 'load'
        // A page that has only just come in is not yet there to be loaded again.
        await Promise.all([write(15), eventually(() => page.reload({ waitUntil }))])
      }
      const saved = (): Promise<{ items: number[]; loads: number }> =>
        page.evaluate(() => JSON.parse(localStorage.getItem('saved') ?? '{}'))
      await poll(async () => (await saved()).items).toEqual(numbers)
      await page.reload()
      await write(1)
      await poll(async () => (await saved()).items).toEqual(numbers)
      expect((await saved()).loads).toBeGreaterThan(1)
    },
  )
})
