import type { Page, Request } from 'playwright-core'
import { expect, test as base, type TestAPI, vi } from 'vitest'
import { createNodeHandler, type HandlerOptions } from '../../dev-server/index.ts'
import { bundle, type Scripts } from './bundle.ts'
import { type OwnBrowser, startOwnBrowser } from './connections-browser.ts'
import type { Watch } from './connections-core.ts'
import { type ConnectionsSite, isLive, openLive, startConnectionsSite } from './connections-site.ts'
import { startWriting, type Writing } from './connections-writing.ts'
import { PageFaults } from './page-faults.ts'

/** For as long as a machine may need on which three tabs and their server get a sliver of the time. */
const PATIENCE_MS = 90_000

vi.setConfig({ testTimeout: 4 * PATIENCE_MS })

/** A page in one browser with the others of its test. */
export interface Tab {
  page: Page
  /** The live requests that it has open, as the browser itself tells. */
  live: Set<Request>
}

interface TabsOptions extends Pick<Watch, 'connection'> {
  count?: number
}

interface OpenTabs {
  site: ConnectionsSite
  writing: Writing
  tabs: Tab[]
}

interface Fixtures {
  /** The page of the client, `/core.js`, and that of hooks, `/react.js`, with what they load later. */
  scripts: Scripts
  /** Starts our server and its pages; both end with the test. */
  startSite: (options?: HandlerOptions) => Promise<ConnectionsSite>
  browser: OwnBrowser
  /** Opens a tab at a URL. */
  open: (url: string) => Promise<Tab>
  /** Starts a site and opens three tabs on it, or `count`, until all these streams are live in each. */
  openTabs: (names: readonly string[], options?: TabsOptions) => Promise<OpenTabs>
  faults: PageFaults
}

/** A test of tabs in a browser of their own. It fails on any error in a page or its console. */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  scripts: [
    ({}, provide) =>
      bundle(
        {
          core: 'test/browser/connections-core.ts',
          react: 'test/browser/hooks/page/react.tsx',
        },
        { mode: 'development' },
      ).then(provide),
    { scope: 'file' },
  ],
  startSite: async ({ scripts, browser }, provide) => {
    const closers: (() => Promise<void>)[] = []
    await provide(async (options) => {
      const handler = createNodeHandler(options)
      const site = await startConnectionsSite(scripts, (...args) => void handler.handle(...args))
      closers.push(() => handler.close(), site.close)
      return site
    })
    await browser.close()
    await Promise.all(closers.map((close) => close()))
  },
  faults: async ({}, provide) => {
    const faults = new PageFaults()
    await provide(faults)
    expect(faults.list).toEqual([])
  },
  browser: async ({}, provide) => {
    const browser = await startOwnBrowser()
    await provide(browser)
    await browser.close()
  },
  open: ({ browser, faults }, provide) =>
    provide(async (url) => {
      const page = await browser.context.newPage()
      faults.watch(page)
      page.setDefaultTimeout(PATIENCE_MS)
      const live = new Set<Request>()
      page.on('request', (request) => {
        if (isLive(request.method(), request.url())) live.add(request)
      })
      page.on('requestfinished', (request) => live.delete(request))
      page.on('requestfailed', (request) => live.delete(request))
      await page.goto(url)
      return { page, live }
    }),
  openTabs: ({ startSite, open }, provide) =>
    provide(async (names, { count = 3, ...watch } = {}) => {
      const site = await startSite()
      const writing = await startWriting(site.streams, names)
      const url = watchUrl(site, names, watch)
      const tabs = await Promise.all(Array.from({ length: count }, () => open(url)))
      await allLive(tabs)
      return { site, writing, tabs }
    }),
})

/** Where a page of the client is that follows these streams of a site. */
export function watchUrl(
  site: Pick<ConnectionsSite, 'url' | 'streams'>,
  names: readonly string[],
  options: Omit<Watch, 'root' | 'names'> = {},
): string {
  const watch: Watch = { root: site.streams, names, ...options }
  return `${site.url}/core?watch=${encodeURIComponent(JSON.stringify(watch))}`
}

/** Asks again until what is expected is there. */
export function poll<Value>(
  ask: () => Value | Promise<Value>,
): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(ask, { timeout: PATIENCE_MS, interval: 20 })
}

/** Waits until each stream of each tab is live. */
export async function allLive(tabs: readonly Tab[]): Promise<void> {
  for (const { page } of tabs) {
    await poll(() =>
      page.evaluate(() =>
        Object.entries(window.watched).flatMap(([name, { status }]) =>
          status === 'live' ? [] : `${name} ${status}`,
        ),
      ),
    ).toEqual([])
  }
}

/** Waits until each stream of each tab has brought the numbers up to `last`, each once and in order. */
export async function allHave(tabs: readonly Tab[], last: number): Promise<void> {
  for (const { page } of tabs) {
    const wrong = (): Promise<string[]> =>
      page.evaluate(
        (last) =>
          Object.entries(window.watched).flatMap(([name, { items, status }]) =>
            items.length === last + 1 && items.every((item, n) => item === n)
              ? []
              : `${name} ${status} ${items}`,
          ),
        last,
      )
    await poll(wrong).toEqual([])
  }
}

/** The tab that has the only live connection of all. */
export async function leaderOf(
  site: Pick<ConnectionsSite, 'live'>,
  tabs: readonly Tab[],
): Promise<Tab> {
  await poll(() => [openLive(site).length, ...tabs.map(({ live }) => live.size).sort()]).toEqual([
    1,
    ...tabs.slice(1).map(() => 0),
    1,
  ])
  return tabs.find(({ live }) => live.size > 0)!
}

/** A tab that has a live connection, as soon as there is one. */
export async function askerOf(tabs: readonly Tab[]): Promise<Tab> {
  await poll(() => tabs.some(({ live }) => live.size > 0)).toBe(true)
  return tabs.find(({ live }) => live.size > 0)!
}

let meetings = 0

/** Lets a tab fetch so much at once, which is answered only while so many connections are free. */
export async function fetchTogether({ page }: Tab, count: number): Promise<void> {
  const name = String(++meetings)
  const answers = await page.evaluate(
    ([count, name, patienceMs]) =>
      Promise.all(
        Array.from({ length: count }, async (_, n) => {
          const url = `/together?count=${count}&as=${name}&n=${n}`
          const signal = AbortSignal.timeout(patienceMs)
          return fetch(url, { signal }).then((response) => response.text(), String)
        }),
      ),
    [count, name, PATIENCE_MS] as const,
  )
  expect(answers).toEqual(Array.from({ length: count }, () => 'here'))
}
