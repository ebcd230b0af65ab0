import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, test as base, type TestAPI } from 'vitest'
import type { HandlerOptions } from '../../dev-server/index.ts'
import type * as streamwell from '../../src/core/index.ts'
import { DurableStream, type StreamOptions, type StreamResponse } from '../../src/core/index.ts'
import { launchBrowser } from '../support/chromium.ts'
import {
  bundleClient,
  type ClientSite,
  type Scripts,
  type SeenRequest,
  startClientSite,
} from './client-site.ts'
import { PageFaults } from './page-faults.ts'

declare global {
  interface Window {
    streamwell: typeof streamwell
    /** What a page read, for its test to look at. */
    items: unknown[]
    told: string[]
    response: StreamResponse
    /** Called by each page that is loaded, before it counts as loaded. */
    onLoaded?: () => Promise<void>
  }
}

interface Fixtures {
  /** The client as scripts. */
  client: Scripts
  browser: Browser
  /** Starts a site; it ends with the test. */
  startSite: (options?: HandlerOptions, scripts?: Scripts) => Promise<ClientSite>
  /** Opens a page of a site in a browser of its own, and waits until its scripts have run. */
  open: (site: ClientSite, onLoaded?: () => Promise<void>) => Promise<Page>
  faults: PageFaults
}

/** A test of the client in a real browser. It fails on any error in a page or its console. */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  client: [({}, provide) => bundleClient().then(provide), { scope: 'file' }],
  browser: [
    async ({}, provide) => {
      // Playwright turns it off; browsers of people have it.
      const browser = await launchBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
      await provide(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  startSite: async ({ client }, provide) => {
    const sites: ClientSite[] = []
    await provide(async (options, scripts) => {
      const site = await startClientSite(client, options, scripts)
      sites.push(site)
      return site
    })
    await Promise.all(sites.map((site) => site.close()))
  },
  faults: async ({}, provide) => {
    const faults = new PageFaults()
    await provide(faults)
    expect(faults.list).toEqual([])
  },
  open: async ({ browser, faults }, provide) => {
    const contexts: BrowserContext[] = []
    await provide(async (site, onLoaded) => {
      const context = await browser.newContext()
      contexts.push(context)
      const page = await context.newPage()
      faults.watch(page)
      if (onLoaded) await page.addInitScript(`globalThis.onLoaded = ${String(onLoaded)}`)
      await page.goto(site.url)
      await page.waitForFunction(() => 'streamwell' in window)
      return page
    })
    await Promise.all(contexts.map((context) => context.close()))
  },
})

/** Makes a stream of numbers on a site, to be written to from outside of its pages. */
export function makeStream(site: ClientSite, path = 'a'): Promise<DurableStream<number>> {
  const url = `${site.streams}/${path}`
  return DurableStream.create<number>({ url, contentType: 'application/json' })
}

/** Lets a page follow a stream: its `items` and `told` grow. */
export function follow(
  page: Page,
  url: string,
  live: boolean | 'sse' | 'long-poll',
  options: Pick<StreamOptions, 'backoff' | 'pauseWhenHidden' | 'connection'> = {},
): Promise<void> {
  return page.evaluate(
    async ([url, live, options]) => {
      window.items = []
      window.told = []
      window.response = await window.streamwell.stream({
        ...options,
        url,
        live,
        onStatus: ({ kind }) => void window.told.push(kind),
      })
      window.response.subscribeJson(({ items }) => void window.items.push(...items))
    },
    [url, live, options] as const,
  )
}

/** Asks again, for as long as a slow machine may need, until what is expected is there. */
export function poll<Value>(
  ask: () => Value | Promise<Value>,
): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(ask)
}

/** Waits until a page has read just these. */
export async function expectItems(page: Page, items: readonly unknown[]): Promise<void> {
  const read = (): Promise<unknown[]> => page.evaluate(() => window.items)
  await poll(read).toEqual(items)
}

/** The live requests that are open now. */
export function openLive(site: ClientSite): SeenRequest[] {
  return site.seen.filter(({ live, isOpen }) => live !== null && isOpen)
}
