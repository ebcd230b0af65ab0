import { describe, expect } from 'vitest'
import { startForeignServer } from './connections-foreign.ts'
import {
  allHave,
  allLive,
  askerOf,
  fetchTogether,
  poll,
  type Tab,
  test as base,
  watchUrl,
} from './connections-page.ts'
import { type ConnectionsSite, openLive, startConnectionsSite } from './connections-site.ts'
import { namesOf, startWriting } from './connections-writing.ts'

const test = base.extend<{ site: ConnectionsSite }>({
  site: async ({ scripts, browser }, provide) => {
    const foreign = await startForeignServer()
    const site = await startConnectionsSite(scripts, foreign.serve)
    await provide(site)
    await browser.close()
    await site.close()
    await foreign.close()
  },
})

/** How many live requests a tab ever had at the same time, as its browser saw it. */
function watchMost(tab: Tab): () => number {
  let most = 0
  tab.page.on('request', () => (most = Math.max(most, tab.live.size)))
  return () => most
}

describe('on a server that has one connection per stream', () => {
  test.for([
    [4, 1],
    [8, 1],
    [60, 1],
    [60, 3],
  ] as const)(
    '%i streams in each of %i tabs take four connections at most',
    async ([count, tabCount], { site, open, annotate }) => {
      const names = namesOf(count)
      const writing = await startWriting(site.streams, names)
      const startedAt = Date.now()
      const tabs = await Promise.all(
        Array.from({ length: tabCount }, () => open(watchUrl(site, names))),
      )
      const most = tabs.map(watchMost)
      await allLive(tabs)
      await annotate(`live after ${Date.now() - startedAt} ms`)
      for (const tab of tabs) await fetchTogether(tab, 2)
      for (let n = 1; n <= 5; n++) await allHave(tabs, await writing.next())
      await annotate(`each update in every tab within ${await writing.slowest(tabs)} ms`)
      const stop = writing.keepOn()
      for (const tab of tabs) await fetchTogether(tab, 2)
      await allHave(tabs, await stop())
      await annotate(`while more came, within ${await writing.slowest(tabs)} ms`)
      for (const one of most) expect(one()).toBeLessThanOrEqual(4)
      // Where a tab hung for a moment, another one has taken its place.
      await poll(() => tabs.reduce((sum, { live }) => sum + live.size, 0)).toBeLessThanOrEqual(4)
      await poll(() => openLive(site).length).toBeLessThanOrEqual(6)
    },
  )

  test('the connections go on in the next tab when the first one closes', async ({
    site,
    open,
    annotate,
  }) => {
    const names = namesOf(20)
    const writing = await startWriting(site.streams, names)
    const tabs = await Promise.all([1, 2, 3].map(() => open(watchUrl(site, names))))
    await allLive(tabs)
    await allHave(tabs, await writing.next())
    const stop = writing.keepOn()
    const leader = await askerOf(tabs)
    await leader.page.close()
    const left = tabs.filter((tab) => tab !== leader)
    for (const tab of left) await fetchTogether(tab, 2)
    await allHave(left, await stop())
    await annotate(`updates on their way for up to ${await writing.slowest(left)} ms`)
  })
})
