import fc from 'fast-check'
import { Window } from 'happy-dom'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, it } from 'vitest'
import { serializeForHtml } from 'streamwell/ssr'

/** Text as an attacker writes it. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['</script>', '</SCRIPT >', '<script', '<!--', '-->', ']]>', '<![CDATA['],
        ...['\u2028', '\u2029', '&lt;', '&#60;', '\\', '"', "'", '\u0000', '\ud800', '${x}', '`'],
      ),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''))

const values = fc.jsonValue({ stringUnit: 'binary' })
const data = fc.oneof(values, fc.dictionary(hostile, fc.oneof(hostile, values)), fc.array(hostile))

const window = new Window({ settings: { disableJavaScriptEvaluation: true } })
const parser = new window.DOMParser()

/** What a page of this HTML finds. */
function readPage(html: string): { text: string; scripts: number; body: string } {
  const page = parser.parseFromString(html, 'text/html')
  const text = page.getElementById('data')!.textContent
  return { text, scripts: page.querySelectorAll('script').length, body: page.body.textContent }
}

afterAll(() => window.happyDOM.close())

describe('what a page brings along', () => {
  it('comes out of a script of data as it went in, whatever users wrote into it', () => {
    fc.assert(
      fc.property(data, (value) => {
        const json = serializeForHtml(value)
        const page = readPage(
          `<!doctype html><body><script type="application/json" id="data">${json}</script><p>After</p>`,
        )
        expect(JSON.parse(page.text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect({ scripts: page.scripts, after: page.body.includes('After') }).toEqual({
          scripts: 1,
          after: true,
        })
      }),
      { numRuns: 300 },
    )
  })

  it('has none of the characters that mean something in HTML, or end a line of a script', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(serializeForHtml(value)).not.toMatch(/[<>&\u2028\u2029\p{Surrogate}]/u)
      }),
    )
  })

  it('comes out of a script that assigns it, with keys such as __proto__', () => {
    fc.assert(
      fc.property(data, (value) => {
        const window: { data?: unknown } = {}
        const script = `window.data = JSON.parse(${serializeForHtml(serializeForHtml(value))})`
        runInNewContext(script, { window, JSON })
        expect(window.data).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
    const poisoned = JSON.parse('{"__proto__":{"admin":true}}') as object
    const { data: found } = runInNewContext(
      `const window = {}; window.data = JSON.parse(${serializeForHtml(serializeForHtml(poisoned))}); window`,
    ) as { data: { admin?: boolean } }
    expect(found.admin).toBeUndefined()
    expect(Object.keys(found)).toEqual(['__proto__'])
  })

  it.each([
    [undefined, 'null'],
    [null, 'null'],
    [
      '</script><script>alert(1)</script>',
      String.raw`"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"`,
    ],
    ['<!-- <script', String.raw`"\u003c!-- \u003cscript"`],
    ['a\u2028b\u2029c', String.raw`"a\u2028b\u2029c"`],
  ])('%j becomes %s', (value, text) => {
    expect(serializeForHtml(value)).toBe(text)
  })

  it.each([[1n], [Symbol('a')], [() => 1]])('%s cannot be said in JSON', (value) => {
    expect(() => serializeForHtml(value)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})
