import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import {
  add,
  counter,
  FRAMEWORKS,
  isLive,
  isSaved,
  openLive,
  output,
  poll,
  sceneOf,
  shows,
  show,
  stored,
  test,
  words,
} from './hook-page.ts'

describe.each(FRAMEWORKS)('pages in %s that share a state', (framework) => {
  test('all count each click when two click at once', async ({ startSite, open }) => {
    const site = await startSite()
    const anna = await open(site, framework, sceneOf(counter()))
    const ben = await open(site, framework, sceneOf(counter()))
    const both = [anna, ben]
    await Promise.all(both.map((page) => isLive(page)))

    for (let round = 0; round < 5; round++) await Promise.all(both.map((page) => add(page, 20)))
    for (const page of both) {
      await shows(page, 200)
      await isSaved(page)
    }
  })

  test('all count each click when five click at once, who came one after the other', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const pages: Page[] = []
    for (let count = 1; count <= 5; count++) {
      pages.push(await open(site, framework, sceneOf(counter())))
      await Promise.all(pages.map((page) => add(page, 10)))
    }
    for (const page of pages) {
      await shows(page, 150)
      await isSaved(page)
    }
  })

  test('show the same actions in the same order, each once', async ({ startSite, open }) => {
    const site = await startSite()
    const pages = await Promise.all(
      Array.from({ length: 5 }, () => open(site, framework, sceneOf(words()))),
    )
    for (let round = 0; round < 4; round++) {
      await Promise.all(pages.map((page) => add(page, 5)))
    }
    await Promise.all(pages.map((page) => isSaved(page)))
    const inStream = await stored<string>(site)
    expect(inStream).toHaveLength(100)
    expect(new Set(inStream).size).toBe(100)
    for (const page of pages) await shows(page, inStream.join(' '))
    // The clicks of one page keep their order.
    for (const person of new Set(inStream.map((word) => word.slice(0, 8)))) {
      const own = inStream.filter((word) => word.startsWith(person))
      expect(own).toEqual(Array.from({ length: 20 }, (_, n) => `${person}-${n + 1}`))
    }
  })

  test('see in one tab what is done in another', async ({ startSite, open }) => {
    const site = await startSite()
    const anna = await open(site, framework, sceneOf(counter(), words('b')))
    const tab = await open(site, framework, sceneOf(counter(), words('b')), anna)
    await add(anna)
    await shows(tab, 1)
    await add(tab)
    await shows(anna, 2)
    await add(tab, 1, 'b')
    const word = (await output(tab, 'Value', 'b').textContent())!
    await shows(anna, word, 'b')
  })
})

describe.each(FRAMEWORKS)('a page in %s', (framework) => {
  // Solid has no StrictMode.
  test.for(framework === 'react' ? [false, true] : [false])(
    'opens one connection for a hundred components of one key (StrictMode: %s)',
    async (isStrict, { startSite, open }) => {
      const site = await startSite()
      const many = Array.from({ length: 100 }, () => counter())
      const page = await open(site, framework, { probes: many, isStrict })
      const outputs = page.getByLabel('Value', { exact: true })
      await isLiveEverywhere(page)
      await poll(() => openLive(site)).toHaveLength(1)
      await page.getByRole('button', { name: 'Add' }).first().click()
      await poll(async () => new Set(await outputs.allTextContents())).toEqual(new Set(['1']))
      expect(openLive(site)).toHaveLength(1)
      // Once to see that there is no stream, once for it, once to follow it.
      expect(site.seen.filter(({ method }) => method === 'GET').length).toBeLessThanOrEqual(3)
      expect(site.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1)

      await show(page, { probes: many.slice(0, 1), isStrict })
      await page.getByRole('button', { name: 'Add' }).click()
      await shows(page, 2)
      expect(openLive(site)).toHaveLength(1)
      await show(page, { probes: [], isStrict })
      await poll(() => openLive(site)).toHaveLength(0)
    },
  )
})

async function isLiveEverywhere(page: Page): Promise<void> {
  const all = page.getByLabel('Status', { exact: true })
  await poll(async () => new Set(await all.allTextContents())).toEqual(new Set(['live']))
}
