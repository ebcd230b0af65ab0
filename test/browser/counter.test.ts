import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { test, type Visit } from './visit.ts'

/** What only an append has in it. */
const WRITE = 'producer-seq'

const add = (page: Page): Promise<void> => page.getByRole('button', { name: 'Add one' }).click()

async function count(page: Page): Promise<number> {
  const text = await page.getByLabel('Count', { exact: true }).textContent()
  return Number(text!.replaceAll(',', ''))
}

/** The count, once the page has caught up. */
async function liveCount(page: Page): Promise<number> {
  await page.getByLabel('Connection').getByText('Live').waitFor()
  return count(page)
}

/** Two browsers with the counter live, and what it stands at. */
async function twoPeople(visit: Visit): Promise<{ anna: Page; ben: Page; before: number }> {
  const [anna, ben] = await Promise.all([visit('counter'), visit('counter')])
  const [before] = await Promise.all([liveCount(anna), liveCount(ben)])
  return { anna, ben, before }
}

async function shows(page: Page, expected: number): Promise<void> {
  await expect.poll(() => count(page)).toBe(expected)
}

const saved = (page: Page): Promise<void> =>
  page.getByLabel('Unsaved changes').getByText('Saved for everyone').waitFor()

describe('the shared counter', () => {
  test('a click in one browser is seen in the other', async ({ visit }) => {
    const { anna, ben, before } = await twoPeople(visit)

    await add(anna)
    await shows(ben, before + 1)
    await add(ben)
    await shows(anna, before + 2)
  })

  test('when both click at once, the count is the sum', async ({ visit }) => {
    const { anna, ben, before } = await twoPeople(visit)

    for (let round = 0; round < 10; round++) {
      await Promise.all([clickAtOnce(anna, 10), clickAtOnce(ben, 10)])
    }
    for (const page of [anna, ben]) {
      await shows(page, before + 200)
      await saved(page)
    }
  })

  test('tabs of one browser and browsers of their own agree', async ({ visit }) => {
    const anna = await visit('counter')
    const secondTab = await visit('counter', anna)
    const thirdTab = await visit('counter', anna)
    const ben = await visit('counter')
    const pages = [anna, secondTab, thirdTab, ben]
    const [before = 0] = await Promise.all(pages.map(liveCount))

    await Promise.all(pages.map((page) => clickOften(page, 8)))
    for (const page of pages) await shows(page, before + 32)
  })

  test('a reload keeps the count', async ({ visit }) => {
    const anna = await visit('counter')
    const before = await liveCount(anna)
    await clickOften(anna, 3)
    await saved(anna)

    await anna.reload()
    expect(await liveCount(anna)).toBe(before + 3)
  })

  test('a room that is left and entered again shows what was done meanwhile', async ({ visit }) => {
    const { anna, ben, before } = await twoPeople(visit)

    await anna.getByRole('link', { name: 'Todos', exact: true }).click()
    await anna.getByRole('heading', { name: 'Todos', level: 1 }).waitFor()
    await clickOften(ben, 4)
    await saved(ben)
    await anna.getByRole('link', { name: 'Counter', exact: true }).click()
    await shows(anna, before + 4)
  })
})

describe('with a bad connection', () => {
  test('cut connections lose no click and count none twice', async ({
    visit,
    example,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/net::ERR_/)
    const { proxy } = example
    const { anna, ben, before } = await twoPeople(visit)
    const cutBefore = proxy.cutAnswers()

    for (let round = 0; round < 20; round++) {
      if (round % 4 === 1) proxy.cutAll()
      if (round % 4 === 3) proxy.cutNextAnswers(1, WRITE)
      await Promise.all([clickAtOnce(anna, 3), clickAtOnce(ben, 3)])
    }

    for (const page of [anna, ben]) {
      await shows(page, before + 120)
      await saved(page)
    }
    expect(proxy.cutAnswers()).toBeGreaterThan(cutBefore)
    const cleo = await visit('counter')
    expect(await liveCount(cleo)).toBe(before + 120)
  })

  test('a page whose first answers are cut in the middle still opens', async ({
    visit,
    example,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/net::ERR_/)
    const anna = await visit('counter')
    const before = await liveCount(anna)
    await add(anna)
    await saved(anna)

    example.proxy.cutNextAnswers(3, 'GET /v1/stream')
    const ben = await visit('counter')
    expect(await liveCount(ben)).toBe(before + 1)
  })

  test('a browser that loses its network says so at once, and goes on at once with it', async ({
    visit,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/net::ERR_/)
    const { anna, ben, before } = await twoPeople(visit)

    await anna.context().setOffline(true)
    await anna.getByLabel('Connection').getByText('Live').waitFor({ state: 'detached' })
    await add(anna)
    await add(ben)
    await shows(ben, before + 1)
    expect(await count(anna)).toBe(before + 1)

    await anna.context().setOffline(false)
    for (const page of [anna, ben]) await shows(page, before + 2)
    await saved(anna)
  })

  test('clicks made offline show at once, and reach the others later', async ({
    visit,
    example,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/net::ERR_/)
    const { anna, ben, before } = await twoPeople(visit)

    example.proxy.setOffline(true)
    await anna.getByLabel('Connection').getByText('Offline').waitFor()
    await clickOften(anna, 3)
    expect(await count(anna)).toBe(before + 3)
    await anna.getByLabel('Unsaved changes').getByText('3 changes on the way').waitFor()
    expect(await count(ben)).toBe(before)

    example.proxy.setOffline(false)
    await shows(ben, before + 3)
    await saved(anna)
  })
})

describe('when the server refuses', () => {
  test('a click falls back where one can see it, and the next ones work', async ({
    visit,
    example,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/status of 403/)
    const { anna, ben, before } = await twoPeople(visit)

    example.refuseWrites(403)
    await add(anna)
    await anna.getByRole('alert').getByText('was refused').waitFor()
    await shows(anna, before)
    expect(await count(ben)).toBe(before)

    example.refuseWrites(undefined)
    await add(anna)
    await shows(ben, before + 1)
    await shows(anna, before + 1)
  })
})

/** Faster than any hand, so that pages that do it together are sure to collide. */
function clickAtOnce(page: Page, times: number): Promise<void> {
  return page.getByRole('button', { name: 'Add one' }).evaluate((button, count) => {
    for (let i = 0; i < count; i++) (button as HTMLElement).click()
  }, times)
}

/** As fast as a mouse can, without waiting for the server. */
async function clickOften(page: Page, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await add(page)
}
