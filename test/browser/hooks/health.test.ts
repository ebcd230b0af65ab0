import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import {
  add,
  counter,
  FRAMEWORKS,
  isLive,
  isSaved,
  output,
  poll,
  probe,
  sceneOf,
  show,
  shows,
  stored,
  test,
  words,
} from './hook-page.ts'

const connection = (page: Page): Promise<string | null> =>
  page.getByLabel('Connection', { exact: true }).textContent()

const failures = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Failures' }).getByRole('listitem').allTextContents()

describe.each(FRAMEWORKS)('when the server refuses a write, a page in %s', (framework) => {
  test('shows which and why, takes it back, and makes it again when it is asked to', async ({
    startSite,
    open,
    faults,
  }) => {
    faults.expected.push(/status of 403/)
    const site = await startSite()
    const page = await open(site, framework, sceneOf(counter(), words('b')))
    await add(page, 2)
    await isSaved(page)
    await isLive(page, 'b')

    site.refuseWrites(403)
    await add(page)
    await poll(() => failures(page)).toEqual([expect.stringMatching(/^a: .*403/)])
    await shows(page, 2)
    await add(page, 1, 'b')
    await poll(() => failures(page)).toEqual([
      expect.stringMatching(/^a: /),
      expect.stringMatching(/^b: /),
    ])
    await shows(page, '', 'b')

    site.refuseWrites(undefined)
    await page.getByRole('button', { name: 'Retry' }).first().click()
    await shows(page, 3)
    await isSaved(page)
    await poll(() => failures(page)).toEqual([expect.stringMatching(/^b: /)])
    await page.getByRole('button', { name: 'Dismiss' }).click()
    await poll(() => failures(page)).toEqual([])
    expect(await stored(site)).toEqual([1, 2, 3])
    expect(await stored(site, 'b')).toEqual([])
  })

  test('makes a refused click again on the state that others have made meanwhile', async ({
    startSite,
    open,
    faults,
  }) => {
    faults.expected.push(/status of 403/)
    const site = await startSite()
    const anna = await open(site, framework, sceneOf(counter()))
    const ben = await open(site, framework, sceneOf(counter()))
    await isLive(anna)
    await isLive(ben)
    site.refuseWrites(403)
    await add(anna)
    await poll(() => failures(anna)).toHaveLength(1)
    site.refuseWrites(undefined)
    await add(ben, 5)
    await shows(anna, 5)
    await anna.getByRole('button', { name: 'Retry' }).click()
    for (const page of [anna, ben]) await shows(page, 6)
    expect(await failures(anna)).toEqual([])
    expect(await failures(ben)).toEqual([])
  })
})

describe.each(FRAMEWORKS)('a page in %s', (framework) => {
  test('says whether it is connected, over all its states', async ({ startSite, open, faults }) => {
    faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    const site = await startSite()
    const page = await open(site, framework, sceneOf())
    await poll(() => connection(page)).toBe('idle')
    await show(page, sceneOf(counter(), words('b')))
    await poll(() => connection(page)).toBe('online')
    for (let round = 0; round < 2; round++) {
      await page.context().setOffline(true)
      await poll(() => connection(page)).toBe('offline')
      await page.context().setOffline(false)
      await poll(() => connection(page)).toBe('online')
      await isLive(page)
      await isLive(page, 'b')
    }
    await show(page, sceneOf())
    await poll(() => connection(page)).toBe('idle')
  })

  test('goes back to the initial state for everyone, and on from there', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const anna = await open(site, framework, sceneOf(counter(), words('b')))
    const ben = await open(site, framework, sceneOf(counter(), words('b')))
    await add(anna, 3)
    await add(anna, 2, 'b')
    await shows(ben, 3)
    await shows(ben, (await output(anna, 'Value', 'b').textContent())!, 'b')
    for (const key of ['a', 'b']) {
      await probe(ben, key).getByRole('button', { name: 'Reset' }).click()
    }
    for (const page of [anna, ben]) {
      await shows(page, 0)
      await shows(page, '', 'b')
    }
    await Promise.all([add(anna), add(ben)])
    for (const page of [anna, ben]) await shows(page, 2)
  })
})
