import { describe, expect } from 'vitest'
import { close, crash, freeze, hang, putAside } from './connections-faults.ts'
import {
  allHave,
  allLive,
  askerOf,
  fetchTogether,
  leaderOf,
  poll,
  type Tab,
  test,
} from './connections-page.ts'
import { openLive } from './connections-site.ts'
import { namesOf } from './connections-writing.ts'

const names = namesOf(60)
const FAULTS = [
  ['closes', close],
  ['crashes', crash],
  ['is frozen', freeze],
  ['hangs', hang],
  ['is put aside by the browser', putAside],
] as const

describe.each(['leads', 'follows'] as const)(
  'of three tabs on one connection, one that %s',
  (role) => {
    const pick = (tabs: readonly Tab[], leader: Tab): Tab =>
      role === 'leads' ? leader : tabs.find((tab) => tab !== leader)!

    test.for(FAULTS)('%s and the others go on', async ([, fault], { openTabs, annotate }) => {
      const { site, writing, tabs } = await openTabs(names)
      const leader = await leaderOf(site, tabs)
      const stop = writing.keepOn()
      const struck = pick(tabs, leader)
      const others = tabs.filter((tab) => tab !== struck)

      const struckAt = Date.now()
      const undo = await fault(struck.page)
      if (role === 'leads') await askerOf(others)
      const takenOverAt = site.live.find(({ startedAt }) => startedAt >= struckAt)?.startedAt
      await allHave(others, await stop())
      await annotate(`updates on their way for up to ${await writing.slowest(others)} ms`)
      if (takenOverAt) await annotate(`asked anew ${takenOverAt - struckAt} ms after the fault`)
      for (const tab of others) await fetchTogether(tab, 3)

      await undo?.()
      const all = undo ? tabs : others
      await allHave(all, await writing.next())
      await leaderOf(site, all)
      for (const tab of all) await fetchTogether(tab, 5)
      await allHave(all, await writing.next())
    })

    test('is loaded again and again has everything once', async ({ openTabs }) => {
      const { site, writing, tabs } = await openTabs(names)
      const stop = writing.keepOn()
      for (let round = 0; round < 3; round++) {
        const leader = await leaderOf(site, tabs)
        await pick(tabs, leader).page.reload()
      }
      await allHave(tabs, await stop())
      await leaderOf(site, tabs)
    })

    test('is left and come back to has everything once', async ({ openTabs }) => {
      const { site, writing, tabs } = await openTabs(names)
      const stop = writing.keepOn()
      const { page } = pick(tabs, await leaderOf(site, tabs))
      await page.goto('about:blank')
      await page.goBack()
      await allLive(tabs)
      await leaderOf(site, tabs)
      await allHave(tabs, await stop())
    })
  },
)

describe('tabs on one connection that close one after the other', () => {
  test('hand it on until nobody is left', async ({ openTabs }) => {
    const { site, writing, tabs: all } = await openTabs(names, { count: 6 })
    let tabs = all
    const stop = writing.keepOn()
    while (tabs.length > 1) {
      const leader = await leaderOf(site, tabs)
      await leader.page.close()
      tabs = tabs.filter((tab) => tab !== leader)
    }
    await allHave(tabs, await stop())
    await leaderOf(site, tabs)
    await tabs[0]!.page.close()
    await poll(() => openLive(site)).toEqual([])
    expect(site.live.length).toBeGreaterThanOrEqual(6)
  })
})
