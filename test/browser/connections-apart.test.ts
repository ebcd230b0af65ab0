import { describe, expect } from 'vitest'
import { allow, type Authorize, deny } from '../../dev-server/index.ts'
import { close } from './connections-faults.ts'
import {
  allHave,
  allLive,
  askerOf,
  fetchTogether,
  leaderOf,
  poll,
  test,
  watchUrl,
} from './connections-page.ts'
import { openLive } from './connections-site.ts'
import { namesOf, startWriting } from './connections-writing.ts'

const names = namesOf(60)

/** The host may do anything, and everyone else what is not another's alone. */
const authorize: Authorize = ({ path, request }) => {
  const who = request.headers.get('authorization')
  if (!who) return deny(401)
  const isMine = !path.startsWith('of-') || [path.slice(3), 'host'].includes(who.slice(7))
  return isMine ? allow : deny(403)
}

describe('tabs with credentials', () => {
  test('share a connection with their like alone', async ({ startSite, open, faults }) => {
    faults.expected.push(/status of 403/)
    const site = await startSite({ authorize })
    const all = [...names, 'of-anna', 'of-ben']
    const writing = await startWriting(site.streams, all, { authorization: 'Bearer host' })
    const enter = (token: string): ReturnType<typeof open> =>
      open(watchUrl(site, [...names, `of-${token}`], { token }))
    const annas = await Promise.all([1, 2].map(() => enter('anna')))
    const ben = await enter('ben')
    const tabs = [...annas, ben]
    await allLive(tabs)
    await poll(() =>
      openLive(site)
        .map(({ authorization }) => authorization)
        .sort(),
    ).toEqual(['Bearer anna', 'Bearer ben'])
    // Nobody asks with what another one may.
    const askers = (): string[][] =>
      tabs.map(({ live }) => [...live].map((request) => request.headers()['authorization']!))
    await poll(() => [askers().slice(0, 2).flat(), askers()[2]]).toEqual([
      ['Bearer anna'],
      ['Bearer ben'],
    ])
    for (const tab of tabs) await fetchTogether(tab, 4)
    const stop = writing.keepOn()
    const leader = await askerOf(annas)
    await close(leader.page)
    const left = tabs.filter((tab) => tab !== leader)
    await allHave(left, await stop())
    expect(new Set(site.live.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer anna', 'Bearer ben']),
    )
  })

  test('are told which stream is not for them, and follow the others', async ({
    startSite,
    open,
    faults,
  }) => {
    faults.expected.push(/status of 403/)
    const site = await startSite({ authorize })
    const all = [...names, 'of-anna', 'of-ben']
    const writing = await startWriting(site.streams, all, { authorization: 'Bearer host' })
    const anna = await open(watchUrl(site, all, { token: 'anna' }))
    const ofBen = (): Promise<unknown> => anna.page.evaluate(() => window.watched['of-ben']!.status)
    await poll(ofBen).toMatch(/forbidden|403/)
    await anna.page.evaluate(() => delete window.watched['of-ben'])
    await allLive([anna])
    await leaderOf(site, [anna])
    await allHave([anna], await writing.next())
  })
})

describe('three tabs of a page that shares its connection', () => {
  test('within the page have one each', async ({ openTabs }) => {
    const { site, writing, tabs } = await openTabs(names, { connection: 'page' })
    for (const { live } of tabs) await poll(() => live.size).toBe(1)
    await poll(() => openLive(site)).toHaveLength(3)
    for (const tab of tabs) await fetchTogether(tab, 3)
    const stop = writing.keepOn()
    await tabs[0]!.page.close()
    await allHave(tabs.slice(1), await stop())
    await poll(() => openLive(site)).toHaveLength(2)
  })

  test('not at all have one for each stream', async ({ openTabs }) => {
    const { site, writing, tabs } = await openTabs(namesOf(2), { count: 2, connection: 'stream' })
    await poll(() => openLive(site).map(({ method }) => method)).toEqual(Array(4).fill('GET'))
    await allHave(tabs, await writing.next())
  })
})
