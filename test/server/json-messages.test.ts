import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeMessages } from '../../dev-server/operations/json-messages.ts'

const encode = (json: string): string =>
  Buffer.from(encodeMessages(new TextEncoder().encode(json))).toString()

describe('a posted JSON text', () => {
  it.each([
    ['a single value', '{"a":1}', '{"a":1},\n'],
    ['a string', '"a"', '"a",\n'],
    ['an array, flattened by one level', '[[1,2],[3]]', '[1,2],\n[3],\n'],
    ['brackets and commas within strings', '["],[",{"a":"\\"],"}]', '"],[",\n{"a":"\\"],"},\n'],
    ['a backslash before the closing quote', '["\\\\",1]', '"\\\\",\n1,\n'],
    ['space around everything', ' [ 1 , { } ]\n', '1,\n{ },\n'],
    ['line breaks within messages', '[{\r\n"a":\n1}]', '{  "a": 1},\n'],
    ['an integer beyond 2^53', '12345678901234567890', '12345678901234567890,\n'],
    ['numbers that doubles cannot hold', '[1e400,1.0]', '1e400,\n1.0,\n'],
    ['repeated keys', '{"a":1,"a":2}', '{"a":1,"a":2},\n'],
    ['escapes as they were written', '["\\u00e9","é"]', '"\\u00e9",\n"é",\n'],
    ['an empty array', ' [ ] ', ''],
  ])('keeps the raw text of its messages: %s', (_name, posted, stored) => {
    expect(encode(posted)).toBe(stored)
  })

  it.each(['', ' ', '{', '[1,]', '1 2', '{"a":1},{"b":2}', "['a']", '\ufeff1', '"a\nb"', 'NaN'])(
    'is refused when it is not JSON: %j',
    (posted) => {
      expect(() => encode(posted)).toThrow(expect.objectContaining({ code: 'bad-request' }))
    },
  )

  it('is refused when it is not UTF-8', () => {
    expect(() => encodeMessages(Uint8Array.of(0x22, 0xff, 0x22))).toThrow('not valid JSON')
  })

  it('is stored one message to a line, whatever the values and the layout', () => {
    const layouts = fc.constantFrom(undefined, 1, '\t', '\r\n ')
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), layouts, (values, layout) => {
        const lines = encode(JSON.stringify(values, null, layout)).split(',\n')
        expect(lines.pop()).toBe('')
        expect(lines.every((line) => !/[\r\n]/.test(line))).toBe(true)
        expect(lines.map((line) => JSON.parse(line))).toEqual(JSON.parse(JSON.stringify(values)))
      }),
    )
  })

  it('keeps the raw text of every element of an array', () => {
    const element = fc.jsonValue().map((value) => JSON.stringify(value))
    fc.assert(
      fc.property(fc.array(element, { minLength: 1 }), (elements) => {
        expect(encode(`[${elements.join(' ,\t')}]`)).toBe(elements.map((e) => `${e},\n`).join(''))
      }),
    )
  })
})
