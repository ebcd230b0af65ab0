import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, type TestAPI } from 'vitest'
import { COFFEE_KEY, NOTES_KEY, SHOPPING_KEY } from '../../examples/door/keys.ts'
import { putAside } from './page-life.ts'
import { framesOf } from './ssr-frames.ts'
import { type Neighbour, neighbourAt } from './ssr-neighbour.ts'
import type { SsrFixtures, Visitor } from './ssr-visit.ts'
import { isLive } from './ssr-visit.ts'

const cups = (page: Page): Promise<string | null> =>
  page.getByRole('status', { name: 'Cups of coffee' }).textContent()

const items = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Shopping list' }).getByRole('listitem').allTextContents()

const notes = (page: Page): Promise<string[]> =>
  page.getByRole('list', { name: 'Notes' }).getByRole('listitem').locator('p').allTextContents()

const pour = (page: Page): Promise<void> => page.getByRole('button', { name: 'Pour one' }).click()

async function shows<Value>(read: () => Promise<Value>, expected: Value): Promise<void> {
  await expect.poll(read, { timeout: 20_000 }).toEqual(expected)
}

/** Opens a page that stays as the server has rendered it, until its scripts are released. */
async function visitWithoutScripts(
  visit: SsrFixtures['visit'],
  path: string,
): Promise<Visitor & { release: () => void }> {
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  const before = (page: Page): Promise<void> =>
    page.route('**/*', async (route) => {
      if (route.request().resourceType() === 'script') await released
      await route.continue()
    })
  return { ...(await visit(path, { before, waitUntil: 'commit' })), release }
}

/** What was asked of one stream, beginning with where to read on. */
const readsOf = ({ requests }: Visitor, key: string): Record<string, string>[] =>
  requests
    .filter((request) => request.startsWith(`GET ${key}?`))
    .map((request) => Object.fromEntries(new URLSearchParams(request.split('?')[1])))

/** What must hold of every example, whatever has rendered it. */
export function describeDoor(test: TestAPI<SsrFixtures>): void {
  let nele: Neighbour

  beforeEach<SsrFixtures>(async ({ door }) => {
    nele = neighbourAt(door.streamsUrl)
    await nele.clear()
  })

  describe('the HTML of the server', () => {
    test('says what everyone has done, to who runs no scripts at all', async ({ door, visit }) => {
      await nele.pour(41)
      await nele.buy('Butter', 'Rye bread')
      await nele.pin('Bins go out on Tuesday')

      const html = await (await fetch(`${door.origin}/`)).text()
      expect(html).toMatch(/<output[^>]*>41<\/output>/)

      const { page } = await visit('/', { javaScriptEnabled: false })
      expect(await cups(page)).toBe('41')
      expect(await items(page)).toEqual(['Butter', 'Rye bread'])
      await page.getByText('2 to buy').waitFor()
      await page.goto(`${door.origin}/notes`)
      expect(await notes(page)).toEqual(['Bins go out on Tuesday'])
    })

    test('is of this moment at each request', async ({ door }) => {
      const html = async (): Promise<string> => (await fetch(`${door.origin}/`)).text()
      for (const count of [7, 8, 9]) {
        await nele.pour(count)
        expect(await html()).toMatch(new RegExp(`<output[^>]*>${count}</output>`))
      }
    })

    test('holds what nobody has made yet as it begins', async ({ visit }) => {
      const { page } = await visit('/', { javaScriptEnabled: false })
      expect(await cups(page)).toBe('0')
      await page.getByText('Milk is always a good start.').waitFor()
    })

    test('cannot be broken by what somebody writes', async ({ visit }) => {
      const texts = [
        '</script><script>window.broken = true</script>',
        '<!--<script>',
        'a\u2028b\u2029c',
        "$& $' $` $1 <!--html--> \\u003c &amp; &quot;",
      ]
      await nele.buy(...texts)
      for (const text of texts) await nele.pin(text)

      const { page } = await visit('/')
      await isLive(page)
      expect(await items(page)).toEqual(texts)
      expect((await framesOf(page, 'shopping')).length).toBe(1)
      await page.goto(`${new URL(page.url()).origin}/notes`)
      await isLive(page)
      expect(await notes(page)).toEqual(texts.toReversed())
      expect(await page.evaluate(() => 'broken' in window)).toBe(false)
    })
  })

  describe('in the browser', () => {
    test('the page goes on from there: nothing flashes, nothing is fetched twice', async ({
      visit,
    }) => {
      await nele.pour(12)
      await nele.buy('Lemons', 'Oats')
      const ends = [await nele.endOf(COFFEE_KEY), await nele.endOf(SHOPPING_KEY)]

      const visitor = await visit('/')
      const { page } = visitor
      await isLive(page)
      await pour(page)
      await shows(() => cups(page), '13')

      expect(await framesOf(page, 'coffee')).toEqual(['12', '13'])
      expect(await framesOf(page, 'cups')).toEqual(['☕ 12', '☕ 13'])
      expect(await framesOf(page, 'shopping')).toEqual(['Lemons | Oats'])
      for (const [index, key] of [COFFEE_KEY, SHOPPING_KEY].entries()) {
        expect(readsOf(visitor, key)).toEqual([
          { offset: ends[index] },
          { offset: ends[index], live: 'sse' },
        ])
      }
      expect(await Promise.all(visitor.history)).toEqual(['[]', '[]'])
      expect(visitor.requests.filter((request) => !request.startsWith('GET'))).toHaveLength(1)
    })

    test('rows go on from there, too', async ({ visit }) => {
      await nele.pin('Gone hiking')
      await nele.pin('Cake in the oven')
      const end = await nele.endOf(NOTES_KEY)

      const visitor = await visit('/notes')
      const { page } = visitor
      await isLive(page)
      await nele.pin('Oven is off')
      await shows(() => notes(page), ['Oven is off', 'Cake in the oven', 'Gone hiking'])

      const [first, second, ...more] = await framesOf(page, 'notes')
      expect(more).toEqual([])
      expect(first).toMatch(/^Cake in the oven.* \| Gone hiking/)
      expect(second).toMatch(/^Oven is off.* \| Cake in the oven.* \| Gone hiking/)
      expect(readsOf(visitor, NOTES_KEY)).toEqual([{ offset: end }, { offset: end, live: 'sse' }])
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

    test('what happens between the server and the first script is not lost', async ({ visit }) => {
      await nele.pour(3)
      await nele.buy('Rice')
      const { page, release } = await visitWithoutScripts(visit, '/')
      expect(await cups(page)).toBe('3')

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
    }) => {
      await nele.pin('Dinner at seven')
      const { page, release } = await visitWithoutScripts(visit, '/notes')
      expect(await notes(page)).toEqual(['Dinner at seven'])

      await nele.pin('Make it eight')
      release()
      await shows(() => notes(page), ['Make it eight', 'Dinner at seven'])
      expect((await framesOf(page, 'notes')).length).toBe(2)
    })
  })

  describe('from page to page', () => {
    test('the next page arrives full, and the head stays as it is', async ({ visit }) => {
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

    test('a reload shows at once what was done', async ({ visit }) => {
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

    test('a page that was put aside catches up when it is fetched back', async ({ visit }) => {
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

  test('an open page lives through a restart of its server', async ({ door, visit, faults }) => {
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
