import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../test/support/chromium.ts'
import type { Round } from '../harness/contest.ts'
import type { Figures } from '../harness/row.ts'
import { percentile } from '../harness/statistics.ts'
import type { PageBench } from './page/page-bench.ts'
import { type Framework, HOOKS_PER_STREAM, RATE } from './scene.ts'
import { openWriter, type Writer } from './writer.ts'

declare const bench: PageBench

const SECONDS = 20
const INPUTS_PER_SECOND = 20
/** Longest time until all hooks show what was stored. */
const PATIENCE_MS = 20_000
/** So long after the page was opened it is looked at what follows. */
const WATCH_MS = 10_000
/** A value that is older has been missed: there are two a second. */
const FRESH_MS = 3_000

/** One page, one writer, and somebody who types and clicks. */
export async function measurePage(
  round: Round,
  framework: Framework,
  door: 'secure' | 'plain',
): Promise<Figures> {
  const { origin, pathname } = new URL(round.url)
  const prefix = `${framework}-${door}-${pathname.slice(1)}`
  const writer = await openWriter(`${origin}/v1/stream`, prefix)
  const browser = await launchBrowser()
  try {
    const site = door === 'secure' ? await (await fetch(`${origin}/secure`)).text() : origin
    const page = await openPage(browser, site, { framework, subject: round.subject, prefix })
    if (door === 'plain') return await watchCrowd(page, writer)
    return await measureInputs(page, writer, round)
  } finally {
    writer.close()
    await browser.close()
  }
}

async function openPage(
  browser: Browser,
  site: string,
  query: Record<string, string>,
): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(`${site}/?${new URLSearchParams(query).toString()}`)
  await page.waitForFunction(() => 'bench' in globalThis)
  return page
}

async function measureInputs(
  page: Page,
  writer: Writer,
  { subject, quick }: Round,
): Promise<Figures> {
  await page.waitForFunction(() => bench.shown().every((value) => value > 0), undefined, {
    timeout: PATIENCE_MS,
  })
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  if (subject !== 'limit') writer.start()
  // Compiled code is what people have after a moment.
  await typeAndClick(page, 2)
  await page.evaluate(() => bench.begin())
  const busyBefore = await busySeconds(session)
  const writtenBefore = writer.written
  const began = performance.now()
  await typeAndClick(page, quick ? 5 : SECONDS)
  const seconds = (performance.now() - began) / 1000
  const busy = (await busySeconds(session)) - busyBefore
  const figures = await page.evaluate(() => bench.end())
  const updates = subject === 'limit' ? seconds * RATE : writer.written - writtenBefore
  await writer.stop()
  if (subject !== 'limit') await verify(page, writer)
  return {
    typingP50Ms: percentile(figures.typingMs, 0.5),
    typingP99Ms: percentile(figures.typingMs, 0.99),
    typingMaxMs: Math.max(...figures.typingMs),
    clickingP50Ms: percentile(figures.clickingMs, 0.5),
    clickingP99Ms: percentile(figures.clickingMs, 0.99),
    clickingMaxMs: Math.max(...figures.clickingMs),
    longestEventMs: figures.longestEventMs,
    rendersPerUpdate: figures.renders / updates,
    updatesPerSecond: updates / seconds,
    busyPercent: (busy / seconds) * 100,
    delayP50Ms: percentile(figures.delaysMs, 0.5),
    delayP99Ms: percentile(figures.delaysMs, 0.99),
  }
}

/** Presses a key and clicks at the counter, in turns. */
async function typeAndClick(page: Page, seconds: number): Promise<void> {
  const field = page.getByRole('textbox')
  const counter = page.getByRole('button')
  await field.focus()
  const box = (await counter.boundingBox())!
  const began = performance.now()
  for (let n = 0; n < seconds * INPUTS_PER_SECOND; n++) {
    // Not in step with anything on the page.
    const due = began + ((n + Math.random() / 2) * 1000) / INPUTS_PER_SECOND
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
    if (n % 2 === 0) await page.keyboard.press('a')
    else await page.mouse.click(box.x + 5, box.y + 5)
    if (n % 40 === 1) await field.fill('')
  }
}

/** Seconds in which the main thread of the page did something. */
async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')!.value
}

async function verify(page: Page, { last }: Writer): Promise<void> {
  const expected = last.flatMap((value) => Array<number>(HOOKS_PER_STREAM).fill(value))
  await page.waitForFunction(
    (expected) => bench.shown().every((value, index) => value === expected[index]),
    expected,
    { timeout: PATIENCE_MS },
  )
}

/** What the hooks of a page show that has fewer connections than streams, and when a click is stored. */
async function watchCrowd(page: Page, writer: Writer): Promise<Figures> {
  writer.start()
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS))
  const shown = await page.evaluate(() => bench.shown())
  const followed = shown.filter((value) => Date.now() - value < FRESH_MS).length
  const began = performance.now()
  await page.getByRole('button').click()
  await writer.ownUpdate()
  const storedSeconds = (performance.now() - began) / 1000
  await writer.stop()
  return { followed, storedSeconds }
}
