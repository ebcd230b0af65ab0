import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { fetchTogether, leaderOf, poll, type Tab, test as base } from './connections-page.ts'
import { startViteSite, type ViteSite } from './connections-vite.ts'

const HOOKS = 60

const test = base.extend<{ site: ViteSite }>({
  site: async ({ browser }, provide) => {
    const site = await startViteSite(HOOKS)
    await provide(site)
    await browser.close()
    await site.close()
  },
})

const texts = (page: Page, label: string): Promise<string[]> =>
  page.getByLabel(label, { exact: true }).allTextContents()

const everyHook = (text: string): string[] => Array.from({ length: HOOKS }, () => text)

async function allLive(tabs: readonly Tab[]): Promise<void> {
  for (const { page } of tabs) await poll(() => texts(page, 'Status')).toEqual(everyHook('live'))
}

describe('three tabs of a page with sixty hooks in `vite dev`', () => {
  test('are updated by Vite, load, and fetch at once', async ({ site, open, faults, annotate }) => {
    // Whoever comes first asks for a stream that nobody has made yet, and makes it.
    faults.expected.push(/status of 404 .*\/v1\/stream\//)
    const tabs = [await open(site.url)]
    await allLive(tabs)
    tabs.push(...(await Promise.all([open(site.url), open(site.url)])))
    await allLive(tabs)
    await leaderOf(site, tabs)
    for (const tab of tabs) await fetchTogether(tab, 5)

    for (const { page } of tabs) await page.evaluate('globalThis.isSamePage = true')
    const editedAt = Date.now()
    await site.edit('second')
    for (const { page } of tabs) await page.getByRole('heading', { name: 'second' }).waitFor()
    await annotate(`hot update in three tabs after ${Date.now() - editedAt} ms`)
    for (const { page } of tabs) expect(await page.evaluate('globalThis.isSamePage')).toBe(true)

    for (const { page } of tabs) {
      await page.getByRole('button', { name: 'Add' }).evaluateAll((buttons) => {
        for (const button of buttons) (button as HTMLElement).click()
      })
    }
    for (const { page } of tabs) await poll(() => texts(page, 'Value')).toEqual(everyHook('3'))

    const openedAt = Date.now()
    tabs.push(await open(site.url))
    await tabs[3]!.page.getByRole('heading', { name: 'second' }).waitFor()
    await annotate(`a fourth tab loads in ${Date.now() - openedAt} ms`)
    await poll(() => texts(tabs[3]!.page, 'Value')).toEqual(everyHook('3'))
    await allLive(tabs)
    await leaderOf(site, tabs)
    await tabs[1]!.page.reload()
    await poll(() => texts(tabs[1]!.page, 'Value')).toEqual(everyHook('3'))
  })
})
