import type { Page } from 'playwright-core'

/** What a phone has in a bad place. */
const SLOW = { latency: 300, downloadThroughput: 30_000, uploadThroughput: 15_000 }

/** From now on each answer to a page takes its time. Milliseconds, and bytes per second. */
export async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', { offline: false, ...SLOW })
}
