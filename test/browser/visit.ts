import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect, test as base, type TestAPI } from 'vitest'
import { launchBrowser } from '../support/chromium.ts'
import { ROOT } from '../support/imports.ts'
import { startExample, type ExampleServer } from './example-server.ts'
import { PageFaults } from './page-faults.ts'

export type Room = 'counter' | 'todos' | 'chat' | 'board'

/** Opens a room: as somebody new, with a browser of their own, or in another tab of `neighbour`'s. */
export type Visit = (room: Room, neighbour?: Page) => Promise<Page>

interface Fixtures {
  browser: Browser
  example: ExampleServer
  visit: Visit
  /** Allows the messages that the browser itself writes to the console when a request fails. */
  expectFailedRequests: (reason: RegExp) => void
  faults: PageFaults
}

const PICTURES = join(ROOT, 'node_modules', '.cache', 'streamwell', 'screenshots')

/** A test in a real browser, on the real example. It fails on any error in the page or its console. */
export const test: TestAPI<Fixtures> = base.extend<Fixtures>({
  browser: [
    async ({}, provide) => {
      const browser = await launchBrowser()
      await provide(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  example: [
    async ({}, provide) => {
      const example = await startExample()
      await provide(example)
      await example.close()
    },
    { scope: 'file' },
  ],
  faults: async ({}, provide) => {
    // Whoever comes first asks for a stream that nobody has made yet, and makes it.
    const faults = new PageFaults([/status of 404 .*\/v1\/stream\//])
    await provide(faults)
    expect(faults.list).toEqual([])
  },
  expectFailedRequests: ({ faults }, provide) =>
    provide((reason) => {
      faults.expected.push(reason)
    }),
  visit: async ({ browser, example, faults, task }, provide) => {
    const contexts: BrowserContext[] = []
    await provide(async (room, neighbour) => {
      const context = neighbour?.context() ?? (await browser.newContext())
      if (!neighbour) contexts.push(context)
      const page = await context.newPage()
      faults.watch(page)
      await page.goto(`${example.url}#/${room === 'counter' ? '' : room}`)
      return page
    })
    if (task.result?.state === 'fail') await takePictures(task.name, contexts)
    await Promise.all(contexts.map((context) => context.close()))
  },
})

// The browser is started, and the example bundled, in nobody's time.
test.beforeAll(async ({ browser, example }: Partial<Fixtures>) => {
  const page = await browser!.newPage()
  await page.goto(example!.url, { timeout: 100_000 })
  await page.close()
})

async function takePictures(name: string, contexts: readonly BrowserContext[]): Promise<void> {
  const pages = contexts.flatMap((context) => context.pages())
  const stem = name.replaceAll(/\W+/g, '-')
  await Promise.all(
    pages.map((page, index) => page.screenshot({ path: join(PICTURES, `${stem}-${index}.png`) })),
  )
}
