import { describe, expect, type TestAPI } from 'vitest'
import { framesOf } from './ssr-frames.ts'
import { cups, items, notes } from './ssr-page.ts'
import { isLive, type SsrFixtures } from './ssr-visit.ts'

/** What must hold of a page as the server sends it, whatever has rendered it. */
export function describeHtml(test: TestAPI<SsrFixtures>): void {
  describe('the HTML of the server', () => {
    test('says what everyone has done, to who runs no scripts at all', async ({
      door,
      visit,
      nele,
    }) => {
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

    test('is of this moment at each request', async ({ door, nele }) => {
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

    test('cannot be broken by what somebody writes', async ({ visit, nele }) => {
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
}
