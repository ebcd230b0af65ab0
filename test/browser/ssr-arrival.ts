import { describe, expect, type TestAPI } from 'vitest'
import { COFFEE_KEY, NOTES_KEY, SHOPPING_KEY } from '../../examples/door/keys.ts'
import { framesOf } from './ssr-frames.ts'
import {
  cups,
  follows,
  historyOf,
  items,
  notes,
  pour,
  shows,
  visitWithoutScripts,
} from './ssr-page.ts'
import { isLive, type SsrFixtures } from './ssr-visit.ts'

/** What must hold of a page as it comes to life in a browser, whatever has rendered it. */
export function describeArrival(test: TestAPI<SsrFixtures>): void {
  describe('in the browser', () => {
    test('the page goes on from there: nothing flashes, nothing is fetched twice', async ({
      visit,
      nele,
    }) => {
      await nele.pour(12)
      await nele.buy('Lemons', 'Oats')
      const ends = {
        [COFFEE_KEY]: await nele.endOf(COFFEE_KEY),
        [SHOPPING_KEY]: await nele.endOf(SHOPPING_KEY),
      }

      const visitor = await visit('/')
      const { page } = visitor
      await isLive(page)
      for (const [key, end] of Object.entries(ends)) await follows(visitor, key, end)
      await pour(page)
      await shows(() => cups(page), '13')
      await shows(() => nele.cups(), 13)

      expect(await framesOf(page, 'coffee')).toEqual(['12', '13'])
      expect(await framesOf(page, 'cups')).toEqual(['☕ 12', '☕ 13'])
      expect(await framesOf(page, 'shopping')).toEqual(['Lemons | Oats'])
      for (const [key, offset] of Object.entries(ends)) {
        expect(historyOf(visitor, key)).toEqual([{ offset }])
      }
      expect(await Promise.all(visitor.history)).toEqual(['[]', '[]'])
      expect(visitor.requests.filter((request) => !request.startsWith('GET'))).toHaveLength(1)
    })

    test('rows go on from there, too', async ({ visit, nele }) => {
      await nele.pin('Gone hiking')
      await nele.pin('Cake in the oven')
      const end = await nele.endOf(NOTES_KEY)

      const visitor = await visit('/notes')
      const { page } = visitor
      await isLive(page)
      await follows(visitor, NOTES_KEY, end)
      await nele.pin('Oven is off')
      await shows(() => notes(page), ['Oven is off', 'Cake in the oven', 'Gone hiking'])

      const [first, second, ...more] = await framesOf(page, 'notes')
      expect(more).toEqual([])
      expect(first).toMatch(/^Cake in the oven.* \| Gone hiking/)
      expect(second).toMatch(/^Oven is off.* \| Cake in the oven.* \| Gone hiking/)
      expect(historyOf(visitor, NOTES_KEY)).toEqual([{ offset: end }])
      expect(new Set(await Promise.all(visitor.history))).toEqual(new Set(['[]']))
    })

    test('what others do arrives, both ways', async ({ visit }) => {
      const [{ page: anna }, { page: ben }] = await Promise.all([visit('/'), visit('/')])
      await Promise.all([isLive(anna), isLive(ben)])

      await pour(anna)
      await shows(() => cups(ben), '1')
      await ben.getByLabel('What to buy').fill('Plums')
      await ben.getByRole('button', { name: 'Add' }).click()
      await shows(() => items(anna), ['Plums'])
      await anna.getByRole('checkbox', { name: 'Plums' }).check()
      await ben.getByRole('button', { name: 'Clear what is bought' }).click()
      await shows(() => items(anna), [])
    })

    test('what happens between the server and the first script is not lost', async ({
      visit,
      nele,
    }) => {
      await nele.pour(3)
      await nele.buy('Rice')
      const { page, release } = await visitWithoutScripts(visit, '/')
      await shows(() => cups(page), '3')

      await nele.pour(4)
      await nele.buy('Beans')
      release()
      await shows(() => cups(page), '4')
      await shows(() => items(page), ['Rice', 'Beans'])
      expect(await framesOf(page, 'coffee')).toEqual(['3', '4'])
      expect(await framesOf(page, 'shopping')).toEqual(['Rice', 'Rice | Beans'])
    })

    test('a note that is pinned between the server and the first script is not lost', async ({
      visit,
      nele,
    }) => {
      await nele.pin('Dinner at seven')
      const { page, release } = await visitWithoutScripts(visit, '/notes')
      // The markup is still coming.
      await shows(() => notes(page), ['Dinner at seven'])

      await nele.pin('Make it eight')
      release()
      await shows(() => notes(page), ['Make it eight', 'Dinner at seven'])
      expect((await framesOf(page, 'notes')).length).toBe(2)
    })
  })
}
