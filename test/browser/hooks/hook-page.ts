import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { expect, test as base, type TestAPI } from 'vitest'
import type { HandlerOptions } from '../../../dev-server/index.ts'
import { DurableStream } from '../../../src/core/index.ts'
import { launchBrowser } from '../../support/chromium.ts'
import type { Scripts } from '../bundle.ts'
import type { SeenRequest } from '../client-site.ts'
import { PageFaults } from '../page-faults.ts'
import { bundlePages, type Framework } from './bundle-pages.ts'
import { type HookSite, startHookSite } from './hook-site.ts'
import type { Probe, Scene } from './page/stage.ts'

export { FRAMEWORKS } from './bundle-pages.ts'

/** Opens a scene: as somebody new, with a browser of their own, or in another tab of `neighbour`'s. */
export type Open = (
  site: HookSite,
  framework: Framework,
  scene: Scene,
  neighbour?: Page,
) => Promise<Page>

interface Fixtures {
  pages: Scripts
  browser: Browser
  /** Starts a site; it ends with the test. */
  startSite: (options?: HandlerOptions) => Promise<HookSite>
  open: Open
  faults: PageFaults
}

/** A test of hooks in a real browser. It fails on any error or warning in a page or its console. */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  pages: [({}, provide) => bundlePages().then(provide), { scope: 'file' }],
  browser: [
    async ({}, provide) => {
      // Playwright turns it off; browsers of people have it.
      const browser = await launchBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] })
      await provide(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  startSite: async ({ pages }, provide) => {
    const sites: HookSite[] = []
    await provide(async (options) => {
      const site = await startHookSite(pages, options)
      sites.push(site)
      return site
    })
    await Promise.all(sites.map((site) => site.stop()))
  },
  faults: async ({}, provide) => {
    // Whoever comes first asks for a stream that nobody has made yet, and makes it.
    const faults = new PageFaults([/status of 404 .*\/v1\/stream\//])
    await provide(faults)
    expect(faults.list).toEqual([])
  },
  open: async ({ browser, faults }, provide) => {
    const contexts: BrowserContext[] = []
    await provide(async (site, framework, scene, neighbour) => {
      const context = neighbour?.context() ?? (await browser.newContext())
      if (!neighbour) contexts.push(context)
      const page = await context.newPage()
      faults.watch(page)
      await page.goto(addressOf(site, framework, scene))
      return page
    })
    await Promise.all(contexts.map((context) => context.close()))
  },
})

export function addressOf(site: HookSite, framework: Framework, scene: Scene): string {
  return `${site.url}/${framework}?scene=${encodeURIComponent(JSON.stringify(scene))}`
}

export const counter = (key = 'a'): Probe => ({ kind: 'counter', key })
export const words = (key = 'a'): Probe => ({ kind: 'words', key })
export const waiting = (key = 'a'): Probe => ({ kind: 'waiting', key })
export const sceneOf = (...probes: Probe[]): Scene => ({ probes })

/** Changes what a page shows. */
export function show(page: Page, scene: Scene): Promise<void> {
  return page.evaluate((scene) => window.stage.show(scene), scene)
}

/** The first probe of a key. */
export function probe(page: Page, key = 'a'): Locator {
  return page.getByRole('region', { name: key, exact: true }).first()
}

/** What a probe shows under a label, such as `Value`. */
export function output(page: Page, label: string, key = 'a'): Locator {
  return probe(page, key).getByLabel(label, { exact: true })
}

/** Asks again, for as long as a slow machine may need, until what is expected is there. */
export function poll<Value>(
  ask: () => Value | Promise<Value>,
): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(ask)
}

export async function shows(page: Page, value: number | string, key = 'a'): Promise<void> {
  await poll(() => output(page, 'Value', key).textContent()).toBe(String(value))
}

/** Waits until a page has read its stream, and follows it. */
export async function isLive(page: Page, key = 'a'): Promise<void> {
  await output(page, 'Status', key).getByText('live', { exact: true }).waitFor()
}

/** Waits until nothing of a page is on its way. */
export async function isSaved(page: Page, key = 'a'): Promise<void> {
  await output(page, 'Pending', key).getByText('0', { exact: true }).waitFor()
}

/** Faster than any hand, so that pages that do it together are sure to collide. */
export function add(page: Page, times = 1, key = 'a'): Promise<void> {
  return probe(page, key)
    .getByRole('button', { name: 'Add' })
    .evaluate((button, count) => {
      for (let i = 0; i < count; i++) (button as HTMLElement).click()
    }, times)
}

/** Sets a value from outside of all pages. */
export async function store(site: HookSite, value: number, key = 'a'): Promise<void> {
  const contentType = 'application/json'
  const stream = await DurableStream.create({ url: `${site.streams}/${key}`, contentType })
  await stream.append({ type: 'state', key: 'value', value, headers: { operation: 'upsert' } })
}

/** All values that were ever stored. */
export async function stored<Value>(site: HookSite, key = 'a'): Promise<Value[]> {
  const stream = new DurableStream<{ value: Value }>({ url: `${site.streams}/${key}` })
  return (await (await stream.stream({ live: false })).json()).map(({ value }) => value)
}

/** The live requests that are open now. */
export function openLive(site: HookSite): SeenRequest[] {
  return site.seen.filter(({ live, isOpen }) => live !== null && isOpen)
}

/** All requests that are open now: `GET a`, and `GET a live` of one that follows. */
export function openRequests(site: HookSite): string[] {
  return site.seen
    .filter(({ isOpen }) => isOpen)
    .map(({ method, path, live }) => [method, path.split('/').at(-1), live && 'live'])
    .map((parts) => parts.filter(Boolean).join(' '))
}
