import { describe, expect } from 'vitest'
import {
  allHave,
  allLive,
  fetchTogether,
  leaderOf,
  poll,
  type Tab,
  test,
  watchUrl,
} from './connections-page.ts'
import { openLive } from './connections-site.ts'
import { namesOf, startWriting } from './connections-writing.ts'
import { sceneOf } from './hooks/hook-page.ts'

const names = namesOf(60)

/** How long it took until the last stream of all tabs was live, in milliseconds. */
async function liveAfter(tabs: readonly Tab[], startedAt: number): Promise<number> {
  const times = await Promise.all(
    tabs.map(({ page }) =>
      page.evaluate(() => Object.values(window.watched).map(({ liveAt }) => liveAt)),
    ),
  )
  return Math.round(Math.max(...times.flat()) - startedAt)
}

describe('three tabs of a page with sixty streams', () => {
  test('are live over one connection, and may ask for anything else at once', async ({
    startSite,
    open,
    annotate,
  }) => {
    const site = await startSite()
    const writing = await startWriting(site.streams, names)
    await writing.next()
    const startedAt = Date.now()
    const tabs = await Promise.all([1, 2, 3].map(() => open(watchUrl(site, names))))
    await allLive(tabs)
    await annotate(`180 streams live ${await liveAfter(tabs, startedAt)} ms after the first click`)
    await leaderOf(site, tabs)
    await annotate(`${site.live.length} live requests until then, ${site.sockets()} sockets`)

    // A browser opens six connections to a host: five are free.
    for (const tab of tabs) await fetchTogether(tab, 5)
    const comeOverOne = async (): Promise<boolean> => {
      const before = openLive(site)
      for (let n = 1; n <= 5; n++) await allHave(tabs, await writing.next())
      const after = openLive(site)
      return before.length === 1 && after.length === 1 && before[0] === after[0]
    }
    // A tab that hangs for a moment loses its connection to another one.
    await poll(comeOverOne).toBe(true)
    await annotate(`each update in every tab within ${await writing.slowest(tabs, 1)} ms`)
  })

  test('that come one after the other join the connection that there is', async ({
    startSite,
    open,
    annotate,
  }) => {
    const site = await startSite()
    const writing = await startWriting(site.streams, names)
    const stop = writing.keepOn()
    const tabs: Tab[] = []
    for (let n = 0; n < 3; n++) {
      const startedAt = Date.now()
      tabs.push(await open(watchUrl(site, names)))
      await allLive(tabs)
      await leaderOf(site, tabs)
      await annotate(`tab ${n + 1} live after ${await liveAfter(tabs.slice(n), startedAt)} ms`)
    }
    await allHave(tabs, await stop())
  })

  test('give the connection back when they follow nothing any more', async ({ openTabs }) => {
    const { site, writing, tabs } = await openTabs(names)
    await allHave(tabs, await writing.next())
    await leaderOf(site, tabs)
    for (const { page } of tabs) await page.goto(`${site.url}/nothing`)
    await poll(() => openLive(site)).toEqual([])
    const locks = (): Promise<LockManagerSnapshot> =>
      tabs[0]!.page.evaluate(() => navigator.locks.query())
    await poll(locks).toEqual({ held: [], pending: [] })
  })
})

describe('three tabs of a page with sixty hooks', () => {
  const scene = sceneOf(...names.map((key) => ({ kind: 'words' as const, key })))

  const valuesOf = ({ page }: Tab): Promise<string[]> =>
    page.getByLabel('Value', { exact: true }).allTextContents()

  test('show every update, over one connection', async ({ startSite, open, faults, annotate }) => {
    // Whoever comes first asks for a stream that nobody has made yet, and makes it.
    faults.expected.push(/status of 404 .*\/v1\/stream\//)
    const site = await startSite()
    const startedAt = Date.now()
    const url = `${site.url}/react?scene=${encodeURIComponent(JSON.stringify(scene))}`
    const tabs = await Promise.all([1, 2, 3].map(() => open(url)))
    for (const { page } of tabs) {
      const statuses = page.getByLabel('Status', { exact: true })
      await poll(() => statuses.allTextContents()).toEqual(names.map(() => 'live'))
    }
    await annotate(`180 hooks live within ${Date.now() - startedAt} ms`)
    await leaderOf(site, tabs)
    await annotate(`${site.live.length} live requests until then, ${site.sockets()} sockets`)
    for (const tab of tabs) await fetchTogether(tab, 5)

    for (const { page } of tabs) {
      await page.getByRole('button', { name: 'Add' }).evaluateAll((buttons) => {
        for (const button of buttons) (button as HTMLElement).click()
      })
    }
    const words = async (): Promise<number[]> =>
      (await valuesOf(tabs[0]!)).map((value) => new Set(value.split(' ')).size)
    await poll(words).toEqual(names.map(() => 3))
    const shown = await valuesOf(tabs[0]!)
    for (const value of shown) expect(value.split(' ')).toHaveLength(3)
    for (const tab of tabs) await poll(() => valuesOf(tab)).toEqual(shown)
    await leaderOf(site, tabs)
  })
})
