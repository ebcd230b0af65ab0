import type { Browser, BrowserContext, Page } from 'playwright-core'
import { launchBrowser } from '../../../test/support/chromium.ts'
import { atMost, measured, ratio } from '../../harness/values.ts'
import type { PageBench, PageFigures } from '../page/page-bench.ts'
import { type Round, sized, type Workload } from '../workload.ts'
import { ROWS, sentBytes, visitRow } from './second-visit.ts'

declare const bench: PageBench

async function inBrowser<Result>(work: (browser: Browser) => Promise<Result>): Promise<Result> {
  const browser = await launchBrowser()
  try {
    return await work(browser)
  } finally {
    await browser.close()
  }
}

async function openPage(context: BrowserContext, { url }: Round): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'bench' in globalThis)
  return page
}

/** A preload as a page does it for its first screen: nothing is compiled yet. */
export const inPage: Workload = {
  name: 'browser',
  server: 'pages',
  subjects: ['limit', 'ours', 'peer'],
  rounds: 3,
  measure: (round) =>
    inBrowser(async (browser) => {
      const path = `/inserts/${sized(ROWS, round)}/random`
      await fetch(`${round.url}${path}`, { method: 'HEAD' })
      const page = await openPage(await browser.newContext(), round)
      const { subject } = round
      const { ms, blockMs } = await page.evaluate(([name, at]) => bench.preload(name, at), [
        subject,
        path,
      ] as const)
      return { seconds: ms / 1000, blockMs }
    }),
  rows: ({ ours, limit, peer }) => [
    {
      workload: 'preload of 100,000 inserts, random keys, in Chromium',
      ours: measured(ours, 'seconds', 's'),
      limit: measured(limit, 'seconds', 's'),
      limitIs: 'fetch + JSON.parse + one TanStack commit',
      peer: measured(peer, 'seconds', 's'),
      target: '≤ 1.25 of the limit',
      met: atMost(ratio(ours?.['seconds'], limit?.['seconds']), 1.25),
    },
    {
      workload: 'the same: longest block of the event loop',
      ours: measured(ours, 'blockMs', 'ms'),
      limit: measured(limit, 'blockMs', 'ms'),
      limitIs: 'fetch + JSON.parse + one TanStack commit',
      peer: measured(peer, 'blockMs', 'ms'),
      target: '≤ 50 ms',
      met: atMost(ours?.['blockMs'], 50),
    },
  ],
}

/** What many homes have. */
const BITS_PER_SECOND = 20_000_000
const ROUND_TRIP_MS = 20

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: ROUND_TRIP_MS,
    downloadThroughput: BITS_PER_SECOND / 8,
    uploadThroughput: BITS_PER_SECOND / 8,
  })
}

function secondVisit(name: string, where: string, isSlow: boolean): Workload {
  return {
    name,
    server: 'pages',
    subjects: ['ours'],
    rounds: 3,
    measure: (round) =>
      inBrowser(async (browser) => {
        const path = `/inserts/${sized(ROWS, round)}/random`
        await fetch(`${round.url}${path}`, { method: 'HEAD' })
        const context = await browser.newContext()
        const visits: PageFigures[] = []
        let bytes = NaN
        for (let count = 0; count < 2; count++) {
          const page = await openPage(context, round)
          if (isSlow) await slowDown(page)
          const sentBefore = await sentBytes(round.url)
          visits.push(await page.evaluate((at) => bench.visit(at), path))
          bytes = (await sentBytes(round.url)) - sentBefore
          await page.close()
        }
        const [first, second] = visits as [PageFigures, PageFigures]
        return {
          seconds: second.ms / 1000,
          firstSeconds: first.ms / 1000,
          bytes,
          firstBlockMs: first.blockMs,
          blockMs: second.blockMs,
        }
      }),
    rows: ({ ours }) => [visitRow(where, ours)],
  }
}

export const secondVisits: readonly Workload[] = [
  secondVisit('second-visit-browser', 'in IndexedDB, Chromium, server on the same machine', false),
  secondVisit('second-visit-network', 'in IndexedDB, Chromium, 20 Mbit/s and 20 ms away', true),
]
