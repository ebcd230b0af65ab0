import { describe, expect } from 'vitest'
import {
  loadMultipleStreamsWithReducers,
  serializeForHtml,
  setStateReducer,
} from '../../../src/state/ssr/index.ts'
import {
  add,
  counter,
  FRAMEWORKS,
  isLive,
  isSaved,
  openLive,
  openRequests,
  poll,
  sceneOf,
  show,
  shows,
  store,
  stored,
  test,
  waiting,
  words,
} from './hook-page.ts'
import type { HookSite } from './hook-site.ts'

const holdReads = (site: HookSite): (() => void) => site.hold(({ method }) => method === 'GET')

describe.each(FRAMEWORKS)('a component in %s that waits for its state', (framework) => {
  test('shows something else until it is there, and never the initial value', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    await store(site, 7)
    const release = holdReads(site)
    const page = await open(site, framework, sceneOf(waiting()))
    await page.getByText('Loading').waitFor()
    release()
    await shows(page, 7)
    expect(await page.getByText('Loading').count()).toBe(0)
    await add(page, 2)
    await shows(page, 9)
    await isSaved(page)
    expect(await page.evaluate(() => window.shown[0])).toBe('a=7')
    expect(await page.evaluate(() => window.shown)).not.toContain('a=0')
    // Waiting and being there are one connection.
    expect(openLive(site)).toHaveLength(1)
    expect(site.seen.filter(({ method, live }) => method === 'GET' && live === null)).toHaveLength(
      1,
    )
  })

  test('shows the initial value of a state that nobody has set', async ({ startSite, open }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf(waiting()))
    await shows(page, 0)
    await add(page)
    await shows(page, 1)
    await isSaved(page)
  })

  test('reaches the error boundary when it may not read', async ({ startSite, open, faults }) => {
    faults.expected.push(/status of 403/)
    const site = await startSite()
    site.refuseReads(403)
    const page = await open(site, framework, sceneOf(waiting(), counter('b')))
    await page.getByRole('alert').getByText('403').waitFor()
    // The others on the page are still there.
    await shows(page, 0, 'b')
    await poll(() => openLive(site)).toHaveLength(0)
  })

  test('that leaves while it waits leaves nothing behind', async ({ startSite, open }) => {
    const site = await startSite()
    await store(site, 7)
    const release = holdReads(site)
    const page = await open(site, framework, sceneOf(waiting()))
    await page.getByText('Loading').waitFor()
    await poll(() => site.seen.filter(({ method }) => method === 'GET')).toHaveLength(1)
    await show(page, sceneOf())
    release()
    await poll(() => openRequests(site)).toEqual([])
    await show(page, sceneOf(waiting()))
    await shows(page, 7)
  })

  test('shows the state of each key that it is given', async ({ startSite, open }) => {
    const site = await startSite()
    await store(site, 1, 'a')
    await store(site, 2, 'b')
    const page = await open(site, framework, sceneOf(waiting('a')))
    await shows(page, 1, 'a')
    for (let round = 0; round < 3; round++) {
      await show(page, sceneOf(waiting('b')))
      await shows(page, 2, 'b')
      await show(page, sceneOf(waiting('a')))
      await shows(page, 1, 'a')
    }
    const shown = new Set(await page.evaluate(() => window.shown))
    expect([...shown].filter((text) => !['a=1', 'b=2'].includes(text))).toEqual([])
  })
})

const addWord = (said: readonly string[], word: string): readonly string[] => [...said, word]

/** What a server puts into its pages: the state of the counter `a` and of the words `b`. */
async function dehydrate(site: HookSite): Promise<string> {
  const streams = [
    { path: 'a', reducer: setStateReducer, initialState: 0 },
    { path: 'b', reducer: addWord, initialState: [] },
  ] as const
  const loaded = await loadMultipleStreamsWithReducers(site.streams, streams, { useCache: false })
  return `window.dehydrated = ${serializeForHtml(loaded)}`
}

describe.each(FRAMEWORKS)('a page in %s that arrives full', (framework) => {
  test('shows it at once, reads on from there, and flashes nothing', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const first = await open(site, framework, sceneOf(counter(), words('b')))
    await add(first, 3)
    await add(first, 2, 'b')
    await isSaved(first)
    await isSaved(first, 'b')
    const said = (await stored<string>(site, 'b')).join(' ')
    site.addScript(await dehydrate(site))
    // What came between the loading and the page.
    await add(first)
    await isSaved(first)
    site.seen.length = 0

    const page = await open(site, framework, sceneOf(counter(), words('b'), waiting()))
    await poll(() => page.getByLabel('Value', { exact: true }).allTextContents()).toEqual([
      '4',
      said,
      '4',
    ])
    await isLive(page, 'b')
    const shown = await page.evaluate(() => window.shown)
    expect(shown.slice(0, 3)).toEqual(['a=3', `b=${said}`, 'a=3'])
    expect(new Set(shown)).toEqual(new Set(['a=3', 'a=4', `b=${said}`]))
    // Nothing was fetched twice: not one of these reads from the beginning.
    expect(site.seen.map(({ offset }) => offset)).not.toContain('-1')
    await add(page)
    await shows(first, 5)
    await add(page, 1, 'b')
    await poll(async () => (await stored(site, 'b')).length).toBe(3)
  })

  test('shows it without a server, too', async ({ startSite, open, faults }) => {
    faults.expected.push(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|status of/)
    const site = await startSite()
    await store(site, 41)
    site.addScript(await dehydrate(site))
    site.refuseReads(503)
    const page = await open(site, framework, sceneOf(counter()))
    await shows(page, 41)
    await add(page)
    await shows(page, 42)
    site.refuseReads(undefined)
    await isSaved(page)
    await shows(page, 42)
    expect(await page.evaluate(() => window.shown)).toEqual(['a=41', 'a=42'])
  })
})
