import { describe } from 'vitest'
import { loseNetwork, slowDown } from './connections-faults.ts'
import { allHave, allLive, fetchTogether, leaderOf, test } from './connections-page.ts'
import { namesOf } from './connections-writing.ts'

const names = namesOf(60)

describe('three tabs on one connection', () => {
  test.for(['leads', 'follows'] as const)(
    'go on where the one that %s is slow in all that it does',
    async (role, { openTabs, annotate }) => {
      const { site, writing, tabs } = await openTabs(names)
      const leader = await leaderOf(site, tabs)
      const struck = role === 'leads' ? leader : tabs.find((tab) => tab !== leader)!
      const others = tabs.filter((tab) => tab !== struck)
      const undo = await slowDown(struck.page)
      for (let n = 1; n <= 5; n++) await allHave(others, await writing.next())
      await annotate(`in the others within ${await writing.slowest(others)} ms`)
      await allHave(tabs, await writing.next())
      await annotate(`in the slow one within ${await writing.slowest([struck])} ms`)
      for (const tab of others) await fetchTogether(tab, 3)

      await undo?.()
      const stop = writing.keepOn()
      await leaderOf(site, tabs)
      await allHave(tabs, await stop())
    },
  )

  test('go on where they were when the network is back', async ({
    openTabs,
    browser,
    faults,
    annotate,
  }) => {
    faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    const { site, writing, tabs } = await openTabs(names)
    const stop = writing.keepOn()
    for (let round = 1; round <= 2; round++) {
      await leaderOf(site, tabs)
      await browser.context.setOffline(true)
      for (const { page } of tabs) {
        await page.getByRole('heading', { name: /^0 of 60 live/ }).waitFor()
      }
      await browser.context.setOffline(false)
      const backAt = Date.now()
      await allLive(tabs)
      await annotate(`live ${Date.now() - backAt} ms after the network was back`)
    }
    await allHave(tabs, await stop())
    await leaderOf(site, tabs)
    for (const tab of tabs) await fetchTogether(tab, 5)
  })

  test('read by another one when the one that leads loses its network alone', async ({
    openTabs,
    faults,
  }) => {
    faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    const { site, writing, tabs } = await openTabs(names)
    const leader = await leaderOf(site, tabs)
    const others = tabs.filter((tab) => tab !== leader)
    const stop = writing.keepOn()
    const undo = await loseNetwork(leader.page)
    await leaderOf(site, others)
    await allLive(others)
    await undo?.()
    await allLive(tabs)
    await allHave(tabs, await stop())
    await leaderOf(site, tabs)
    for (const tab of tabs) await fetchTogether(tab, 5)
  })
})
