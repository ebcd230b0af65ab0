import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { makeStream, openLive, poll, test } from './client-page.ts'

/** More than the six connections that a browser opens to one origin over HTTP/1.1. */
const STREAMS = 9
const names = Array.from({ length: STREAMS }, (_, n) => `s${n}`)

/** Lets a page follow all streams below `root`, and write to each of them by itself. */
function followAll(page: Page, root: string, live: boolean | 'sse' | 'long-poll'): Promise<void> {
  return page.evaluate(
    ([root, live, names]) => {
      const read: Record<string, unknown[]> = {}
      Object.assign(window, { read })
      for (const name of names) {
        const items: unknown[] = (read[name] = [])
        void window.streamwell
          .stream({ url: `${root}/${name}`, live })
          .then((response) => response.subscribeJson((arrival) => items.push(...arrival.items)))
      }
    },
    [root, live, names] as const,
  )
}

const readOf = (page: Page): Promise<Record<string, unknown[]>> =>
  page.evaluate(() => (window as unknown as { read: Record<string, unknown[]> }).read)

const allHave = (items: unknown[]): Record<string, unknown[]> =>
  Object.fromEntries(names.map((name) => [name, items]))

describe('more live streams than a browser has connections', () => {
  test.for([true, 'sse', 'long-poll'] as const)(
    'all catch up, and what the page writes goes through (live: %s)',
    async (live, { startSite, open }) => {
      // A connection is given back whenever a live answer ends: here soon, as a rule each minute.
      const site = await startSite({ sseLifetimeMs: 700, longPollTimeoutMs: 700 })
      const writers = await Promise.all(names.map((name) => makeStream(site, name)))
      for (const writer of writers) await writer.append(0)
      const page = await open(site)
      await followAll(page, site.streams, live)
      await poll(() => readOf(page)).toEqual(allHave([0]))
      expect(openLive(site).length).toBeLessThanOrEqual(6)

      const written = page.evaluate(
        async ([root, names]) => {
          const contentType = 'application/json'
          for (const name of names) {
            const stream = new window.streamwell.DurableStream<number>({
              url: `${root}/${name}`,
              contentType,
            })
            await stream.append(1)
          }
        },
        [site.streams, names] as const,
      )
      await written
      for (const writer of writers) await writer.append(2)
      await poll(() => readOf(page)).toEqual(allHave([0, 1, 2]))
    },
  )
})

const WORKER = `
import { stream } from '/streamwell.js'
addEventListener('message', async ({ data: { url, live } }) => {
  const response = await stream({ url, live })
  response.subscribeJson(({ items }) => postMessage(items))
})
`

const SERVICE_WORKER = `
import { DurableStream, stream } from '/streamwell.js'
addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('message', (event) => event.waitUntil(answer(event)))
async function answer({ data: { url, count }, source }) {
  await new DurableStream({ url }).append(-1)
  const items = []
  const response = await stream({ url, live: 'sse' })
  response.subscribeJson((arrival) => {
    items.push(...arrival.items)
    if (items.length >= count) response.cancel()
  })
  await response.closed
  source.postMessage(items)
}
`

describe('the client', () => {
  test.for(['sse', 'long-poll'] as const)(
    'works in a worker (%s)',
    async (live, { startSite, open }) => {
      const site = await startSite({}, { '/worker.js': WORKER })
      const writer = await makeStream(site)
      await writer.append(1)
      const page = await open(site)
      await page.evaluate(
        ([url, live]) => {
          window.items = []
          const worker = new Worker('/worker.js', { type: 'module' })
          worker.onmessage = ({ data }) => void window.items.push(...data)
          worker.postMessage({ url, live }, [])
        },
        [writer.url, live] as const,
      )
      for (let n = 2; n <= 4; n++) {
        await poll(() => page.evaluate(() => window.items.length)).toBe(n - 1)
        await writer.append(n)
      }
      await poll(() => page.evaluate(() => window.items)).toEqual([1, 2, 3, 4])
    },
  )

  test('reads and writes in a service worker', async ({ startSite, open }) => {
    const site = await startSite({}, { '/sw.js': SERVICE_WORKER })
    const writer = await makeStream(site)
    await writer.append(1)
    const page = await open(site)
    const reading = page.evaluate(async (url) => {
      await navigator.serviceWorker.register('/sw.js', { type: 'module' })
      const { active } = await navigator.serviceWorker.ready
      return new Promise<unknown>((resolve) => {
        navigator.serviceWorker.onmessage = ({ data }) => resolve(data)
        active!.postMessage({ url, count: 3 }, [])
      })
    }, writer.url)
    await poll(() => openLive(site)).toHaveLength(1)
    await writer.append(2)
    expect(await reading).toEqual([1, -1, 2])
    await poll(() => openLive(site)).toHaveLength(0)
  })

  test('serves a page whose requests all pass through a service worker', async ({
    startSite,
    open,
  }) => {
    const site = await startSite(
      {},
      {
        '/sw.js': `
          addEventListener('install', () => skipWaiting())
          addEventListener('activate', (event) => event.waitUntil(clients.claim()))
          addEventListener('fetch', (event) => event.respondWith(fetch(event.request)))
        `,
      },
    )
    const writer = await makeStream(site)
    const page = await open(site)
    const reading = page.evaluate(async (url) => {
      const controlled = new Promise((resolve) => {
        navigator.serviceWorker.oncontrollerchange = resolve
      })
      await navigator.serviceWorker.register('/sw.js')
      await controlled
      const items: unknown[] = []
      const contentType = 'application/json'
      const stream = new window.streamwell.DurableStream<number>({ url, contentType })
      const response = await stream.stream({ live: 'sse' })
      response.subscribeJson((arrival) => void items.push(...arrival.items))
      for (let n = 0; n < 5; n++) await stream.append(n)
      await stream.close()
      await response.closed
      return items
    }, writer.url)
    expect(await reading).toEqual([0, 1, 2, 3, 4])
  })
})
