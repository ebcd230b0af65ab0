import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { beforeEach, expect, test as base, type TestAPI } from 'vitest'
import { launchBrowser } from '../support/chromium.ts'
import { readsLive, streamsAskedFor } from '../support/live-reads.ts'
import { PageFaults } from './page-faults.ts'
import { recordFrames } from './ssr-frames.ts'
import { type Neighbour, neighbourAt } from './ssr-neighbour.ts'
import { type ExampleName, type SsrServer, startSsrExample } from './ssr-server.ts'

export interface VisitOptions extends BrowserContextOptions {
  /** Called before the page is opened. */
  before?: (page: Page) => Promise<unknown>
  /** Default: `load`. A page whose scripts are held back gets no further than `commit`. */
  waitUntil?: 'load' | 'commit'
}

export interface Visitor {
  page: Page
  /**
   * What the page has asked of streams, in order: `GET door/coffee?live=sse&offset=7`. One that reads
   * several together counts as one for each, with `live=shared`.
   */
  requests: string[]
  /** What it was answered where it asked for what has been, in order. */
  history: Promise<string>[]
}

export interface SsrFixtures {
  browser: Browser
  door: SsrServer
  faults: PageFaults
  /** Somebody else at the door. */
  nele: Neighbour
  /** Opens a page as somebody new. The test fails on any error or warning in it, or in its console. */
  visit: (path: string, options?: VisitOptions) => Promise<Visitor>
}

interface ServerOptions {
  /** What is to be done before the server starts. */
  before?: () => Promise<unknown>
  /** More of its command line. */
  options?: readonly string[]
}

/**
 * A test in a real browser, on a page that the server of an example has rendered. There is nothing on
 * the door when it begins.
 */
export function ssrTest(
  name: ExampleName,
  { before, options }: ServerOptions = {},
): TestAPI<SsrFixtures> {
  // Within it the example is built, started, and asked for the first time.
  beforeEach<SsrFixtures>(({ nele }) => nele.clear(), 400_000)
  return base.extend<SsrFixtures>({
    browser: [
      async ({}, provide) => {
        const browser = await launchBrowser()
        await provide(browser)
        await browser.close()
      },
      { scope: 'file' },
    ],
    door: [
      async ({ browser }, provide) => {
        await before?.()
        const door = await startSsrExample(name, options)
        try {
          await warmUp(browser, door)
          await provide(door)
        } finally {
          await door.close()
        }
      },
      { scope: 'file' },
    ],
    faults: async ({}, provide) => {
      const faults = new PageFaults()
      await provide(faults)
      // TanStack DB says so of a machine that is busy with something else.
      expect(faults.list.filter((fault) => !fault.includes('a hot render path'))).toEqual([])
    },
    nele: ({ door }, provide) => provide(neighbourAt(door.streamsUrl)),
    visit: async ({ browser, door, faults }, provide) => {
      const contexts: BrowserContext[] = []
      await provide(async (path, { before, waitUntil = 'load', ...rest } = {}) => {
        const context = await browser.newContext(rest)
        contexts.push(context)
        const page = await context.newPage()
        faults.watch(page)
        const noted = noteRequests(page, door)
        if (rest.javaScriptEnabled !== false) await recordFrames(page)
        await before?.(page)
        await page.goto(door.origin + path, { waitUntil })
        return { page, ...noted }
      })
      await Promise.all(contexts.map((context) => context.close()))
    },
  })
}

/** Development servers bundle what pages import when they are first asked, and load them again. */
async function warmUp(browser: Browser, door: SsrServer): Promise<void> {
  for (const path of ['/', '/notes', '/']) {
    const page = await browser.newPage()
    page.setDefaultTimeout(100_000)
    await page.goto(door.origin + path)
    await isLive(page)
    await page.close()
  }
}

/** Until the page is in its framework's hands, and all that it reads is read to its end. */
export async function isLive(page: Page): Promise<void> {
  await page.getByLabel('Connection').getByText('Live').waitFor()
}

function noteRequests(page: Page, { streamsUrl }: SsrServer): Omit<Visitor, 'page'> {
  const requests: string[] = []
  const history: Promise<string>[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(streamsUrl)) return
    const body = request.postData()
    if (readsLive(request.url()) && body !== null) {
      for (const { path, offset } of streamsAskedFor({ body })) {
        requests.push(`GET ${path}?live=shared&offset=${offset}`)
      }
      return
    }
    requests.push(`${request.method()} ${request.url().slice(streamsUrl.length + 1)}`)
  })
  page.on('response', (response) => {
    const isRead = response.request().method() === 'GET' && response.url().startsWith(streamsUrl)
    if (!isRead || response.url().includes('live=')) return
    const text = response.text()
    // A page that is closed takes along what nobody has waited for.
    text.catch(() => undefined)
    history.push(text)
  })
  return { requests, history }
}
