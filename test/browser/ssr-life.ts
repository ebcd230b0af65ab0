import { describe, expect, type TestAPI } from 'vitest'
import { NOTES_KEY } from '../../examples/door/keys.ts'
import { putAside } from './page-life.ts'
import { framesOf } from './ssr-frames.ts'
import { cups, notes, pour, readsOf, shows } from './ssr-page.ts'
import { isLive, type SsrFixtures } from './ssr-visit.ts'

/** What must hold of a page that stays open for a while, whatever has rendered it. */
export function describeLife(test: TestAPI<SsrFixtures>): void {
  describe('from page to page', () => {
    test('the next page arrives full, and the head stays as it is', async ({ visit, nele }) => {
      await nele.pour(5)
      await nele.pin('Keys are under the mat')
      const end = await nele.endOf(NOTES_KEY)
      const visitor = await visit('/')
      const { page } = visitor
      await isLive(page)

      await page.getByRole('link', { name: 'Notes' }).click()
      await shows(() => notes(page), ['Keys are under the mat'])
      await shows(() => page.title(), 'Notes · Fridge door')
      await nele.pin('No longer')
      await shows(() => notes(page), ['No longer', 'Keys are under the mat'])

      const frames = await framesOf(page, 'notes')
      expect(frames).toHaveLength(2)
      expect(frames[0]).toMatch(/^Keys are under the mat/)
      expect(await framesOf(page, 'cups')).toEqual(['☕ 5'])
      expect(readsOf(visitor, NOTES_KEY)[0]).toEqual({ offset: end })
    })

    test('back shows what has happened meanwhile, and never less than was known', async ({
      visit,
      nele,
    }) => {
      await nele.pour(20)
      const { page } = await visit('/')
      await isLive(page)
      await page.getByRole('link', { name: 'Notes' }).click()
      await page.getByRole('heading', { name: 'Notes' }).waitFor()

      await nele.pour(21)
      await shows(() => page.getByLabel('Cups so far').textContent(), '☕ 21')
      await page.goBack()
      await shows(() => cups(page), '21')
      await page.getByRole('link', { name: 'Notes' }).click()
      await page.getByRole('heading', { name: 'Notes' }).waitFor()
      await page.goBack()
      await shows(() => cups(page), '21')
      expect(await framesOf(page, 'cups')).toEqual(['☕ 20', '☕ 21'])
      expect((await framesOf(page, 'coffee')).filter((text) => text !== null)).not.toContain('0')
    })

    test('a reload shows at once what was done', async ({ visit, nele }) => {
      const { page } = await visit('/')
      await isLive(page)
      await pour(page)
      await pour(page)
      await shows(() => cups(page), '2')
      await shows(() => nele.cups(), 2)

      await page.reload()
      await isLive(page)
      expect(await framesOf(page, 'coffee')).toEqual(['2'])
    })

    test('a page that was put aside catches up when it is fetched back', async ({
      visit,
      nele,
    }) => {
      await nele.pour(8)
      const { page } = await visit('/')
      await isLive(page)
      await putAside(page, () => nele.pour(9))
      await shows(() => cups(page), '9')
      await pour(page)
      await shows(() => nele.cups(), 10)
      expect(await framesOf(page, 'coffee')).toEqual(['8', '9', '10'])
    })
  })

  test('an open page lives through a restart of its server', async ({
    door,
    visit,
    faults,
    nele,
  }) => {
    faults.expected.push(/net::ERR_/)
    await nele.pour(30)
    const { page } = await visit('/', {
      // Development servers have pages loaded again when they come back.
      before: (page) => page.routeWebSocket(/./, () => undefined),
    })
    await isLive(page)

    await door.restart(async () => {
      await page.getByLabel('Connection').getByText('Offline').waitFor()
      await pour(page)
      expect(await cups(page)).toBe('31')
    })
    await isLive(page)
    await shows(() => nele.cups(), 31)
    await nele.pour(32)
    await shows(() => cups(page), '32')
    expect(await framesOf(page, 'coffee')).toEqual(['30', '31', '32'])
  })
}
