import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { SsrFixtures, Visitor } from './ssr-visit.ts'

export const cups = (page: Page): Promise<string | null> =>
  page.getByRole('status', { name: 'Cups of coffee' }).textContent()

export const items = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Shopping list' }).getByRole('listitem').allTextContents()

export const notes = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Notes' }).getByRole('listitem').locator('p').allTextContents()

export const pour = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Pour one' }).click()

export async function shows<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  await expect.poll(read).toEqual(expected)
}

/** Opens a page that stays as the server has rendered it, until its scripts are released. */
export async function visitWithoutScripts(
  visit: SsrFixtures['visit'],
  path: string,
): Promise<Visitor & { release: () => void }> {
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  const before = (page: Page): Promise<unknown> =>
    page.route('**/*', async (route) => {
      if (route.request().resourceType() === 'script') await released
      await route.continue()
    })
  return { ...(await visit(path, { before, waitUntil: 'commit' })), release }
}

/** Waits until a page has read a stream to its end at `offset`, and follows it from there. */
export async function follows(visitor: Visitor, key: string, offset: string): Promise<void> {
  await expect.poll(() => readsOf(visitor, key)[1]).toEqual({ offset, live: 'shared' })
}

/** What was asked of one stream, beginning with where to read on. */
export const readsOf = ({ requests }: Visitor, key: string): Record<string, string>[] =>
  requests
    .filter((request) => request.startsWith(`GET ${key}?`))
    .map((request) => Object.fromEntries(new URLSearchParams(request.split('?')[1])))

/** The same without what waits for news. */
export const historyOf = (visitor: Visitor, key: string): Record<string, string>[] =>
  readsOf(visitor, key).filter(({ live }) => live === undefined)
