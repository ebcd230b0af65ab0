import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from '../support/chromium.ts'
import { createStream, startServer } from '../support/server.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(() => browser.close())

/** Would tell on the server that it ran, by making a stream there. */
const SCRIPT = "fetch('/v1/stream/ran', { method: 'PUT' })"

const STORED: readonly [contentType: string, body: string][] = [
  ['text/html', `<script>${SCRIPT}</script><img src="x" onerror="${SCRIPT}">`],
  ['image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg"><script>${SCRIPT}</script></svg>`],
  [
    'application/xhtml+xml',
    `<html xmlns="http://www.w3.org/1999/xhtml"><body><script>${SCRIPT}</script></body></html>`,
  ],
  ['text/xml', `<x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${SCRIPT}</h:script></x>`],
  // The last of a list counts in a browser.
  ['text/plain;, text/html', `<script>${SCRIPT}</script>`],
  ['application/octet-stream', `<!doctype html><script>${SCRIPT}</script>`],
  ['text/plain', `<!doctype html><script>${SCRIPT}</script>`],
]

/** A page of the streams' own origin, from which everything there could be reached. */
async function openPage(url: string): Promise<{ page: Page; ran: () => boolean }> {
  const page = await browser.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(
    await createStream(url, { path: 'home', contentType: 'text/plain', body: 'home' }),
  )
  return { page, ran: () => asked.includes(`${url}/ran`) }
}

/** Shows `stream` in every way that a page can show another, each until that is over. */
async function embed(page: Page, stream: string): Promise<void> {
  for (const name of ['iframe', 'object', 'embed', 'img']) {
    // What is saved instead of shown never loads.
    const saved = page.waitForEvent('requestfailed', {
      predicate: (request) => request.url() === stream,
      timeout: 0,
    })
    await Promise.race([show(page, name, stream), saved])
    saved.catch(() => undefined)
  }
}

async function show(page: Page, name: string, stream: string): Promise<void> {
  const shown = page.evaluate(
    ([name, src]) => {
      const element = document.createElement(name)
      element.setAttribute(name === 'object' ? 'data' : 'src', src)
      document.body.append(element)
      return new Promise<void>((resolve) => {
        for (const type of ['load', 'error']) element.addEventListener(type, () => resolve())
      })
    },
    [name, stream] as const,
  )
  // It ends without a word when the page is left.
  await shown.catch(() => undefined)
}

it.each(STORED)(
  'a stored page of type %s does not run on our origin',
  async (contentType, body) => {
    const { url } = await startServer()
    const stream = await createStream(url, { path: 'evil', contentType, body })
    const { page, ran } = await openPage(url)
    await embed(page, stream)
    for (const query of ['', '?offset=-1', '?offset=-1&live=long-poll']) {
      // It is saved, or shown as text.
      await page.goto(stream + query).catch(() => undefined)
    }
    // What a page that ran asked for would be here by now: it was asked for before this.
    await page.goto(`${url}/home`)
    expect(ran()).toBe(false)
    expect((await fetch(`${url}/ran`)).status).toBe(404)
  },
)

it('the same page does run where nothing holds it', async () => {
  const { url } = await startServer()
  const { page, ran } = await openPage(url)
  await page.evaluate((script) => {
    const frame = document.createElement('iframe')
    frame.srcdoc = `<script>${script}</script>`
    document.body.append(frame)
  }, SCRIPT)
  await expect.poll(async () => (await fetch(`${url}/ran`)).status).toBe(200)
  expect(ran()).toBe(true)
})
