import { describe, expect, it } from 'vitest'
import {
  readMessages,
  SLICE_BYTES,
  type Messages,
} from '../../dev-server/operations/json-messages.ts'

const LONG = 4 * SLICE_BYTES
const pretty = (_: unknown, i: number): unknown => ({ a: [i, { b: `${i}` }] })
const noPause = async (): Promise<void> => {}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const stored = ({ data }: Messages): string => Buffer.from(data).toString()
const read = async (json: string): Promise<Messages> => readMessages(bytes(json), noPause)

describe('a posted JSON text', () => {
  it.each([
    ['a single value', '{"a":1}', ['{"a":1}']],
    ['a string', '"a"', ['"a"']],
    ['a number', '-1.5E+3', ['-1.5E+3']],
    ['an array, flattened by one level', '[[1,2],[3],[]]', ['[1,2]', '[3]', '[]']],
    ['arrays within an object', '{"a":[1,[2]],"b":[]}', ['{"a":[1,[2]],"b":[]}']],
    ['brackets and commas within strings', '["],[",{"a":"\\"],"}]', ['"],["', '{"a":"\\"],"}']],
    ['a backslash before the closing quote', '["\\\\",1]', ['"\\\\"', '1']],
    ['space around everything', ' [ 1 , { } , [ ] ]\n', ['1', '{ }', '[ ]']],
    ['line breaks within messages', '[{\r\n"a":\n1}]', ['{  "a": 1}']],
    ['an integer beyond 2^53', '12345678901234567890', ['12345678901234567890']],
    ['numbers that doubles cannot hold', '[1e400,1.0,-0]', ['1e400', '1.0', '-0']],
    ['repeated keys', '{"a":1,"a":2}', ['{"a":1,"a":2}']],
    ['escapes as they were written', '["\\u00e9","é😀"]', ['"\\u00e9"', '"é😀"']],
    ['half a surrogate pair, escaped', '"\\ud800"', ['"\\ud800"']],
    ['separators that break lines in scripts alone', '"\u2028\u007f"', ['"\u2028\u007f"']],
    ['an empty array', ' [ ] ', []],
  ])('keeps and counts the raw text of its messages: %s', async (_name, posted, messages) => {
    for (const margin of ['', ' '.repeat(LONG)]) {
      const result = await read(margin + posted)
      expect(stored(result)).toBe(messages.map((message) => `${message},\n`).join(''))
      expect(result.count).toBe(messages.length)
    }
  })

  it.each([
    ['', 'it ends too early'],
    ['{', 'it ends too early'],
    ['"a', 'it ends too early'],
    ['[1', 'it ends too early'],
    ['-', 'it ends too early'],
    ['[1,]', 'unexpected ] at byte 3'],
    ['{"a":1,}', 'unexpected } at byte 7'],
    ['[1}', 'unexpected } at byte 2'],
    ['{"a":[}', 'unexpected } at byte 6'],
    ['1]', 'unexpected ] at byte 1'],
    ['[1][2]', 'unexpected [ at byte 3'],
    ['{"a":1},{"b":2}', 'unexpected , at byte 7'],
    ['01', 'unexpected 1 at byte 1'],
    ["['a']", "unexpected ' at byte 1"],
    ['NaN', 'unexpected N at byte 0'],
    ['\ufeff1', 'unexpected 0xef at byte 0'],
    ['"a\nb"', 'unexpected 0x0a at byte 2'],
  ])('is refused, with the reason, when it is not JSON: %j', async (posted, fault) => {
    await expect(read(posted)).rejects.toMatchObject({
      code: 'bad-request',
      message: `The body is not valid JSON: ${fault}`,
    })
  })

  it('says where the fault of a long text is', async () => {
    await expect(read(`[${' '.repeat(LONG)}1 2]`)).rejects.toThrow(`2 at byte ${LONG + 3}`)
  })
})

describe('a long JSON text', () => {
  const texts = [
    ['numbers', `[${'1,'.repeat(LONG / 2)}1]`],
    ['one string', `"${'a'.repeat(LONG)}"`],
    ['one object', `{${'"key":true,'.repeat(LONG / 11)}"last":{}}`],
    ['empty arrays', `[${'[],'.repeat(LONG / 3)}[]]`],
    ['escapes', `"${'\\u00e9'.repeat(LONG / 6)}"`],
    ['characters of four bytes', `"${'😀'.repeat(LONG / 4)}"`],
    ['pretty-printed objects', JSON.stringify(Array.from({ length: 5000 }, pretty), null, 2)],
  ] as const

  it.each(texts)('is stored like a short one: %s', async (_name, posted) => {
    const values: unknown = JSON.parse(posted)
    const result = await read(posted)
    const lines = stored(result).split(',\n')
    expect(lines.pop()).toBe('')
    expect(lines.length).toBe(result.count)
    expect(lines.every((line) => !/[\r\n]/.test(line))).toBe(true)
    expect(JSON.parse(`[${lines.join(',')}]`)).toEqual(Array.isArray(values) ? values : [values])
  })

  it.each(texts)('is read no further than a slice between pauses: %s', async (_name, posted) => {
    for (let slices = 1; slices < posted.length / SLICE_BYTES; slices++) {
      const body = bytes(posted)
      let pauses = 0
      const damageAhead = async (): Promise<void> => {
        if (++pauses === slices) body[slices * SLICE_BYTES] = 0
      }
      // What was read before the damage cannot be refused for it.
      await expect(readMessages(body, damageAhead)).rejects.toThrow(
        `unexpected 0x00 at byte ${slices * SLICE_BYTES}`,
      )
    }
  })

  it.each(texts)('is copied no faster than it is read: %s', async (_name, posted) => {
    let pauses = 0
    await readMessages(bytes(posted), async () => void pauses++)
    expect(pauses + 1).toBe(2 * Math.ceil(bytes(posted).length / SLICE_BYTES))
  })

  it('needs no pause when it fits in a slice', () => {
    const body = bytes(`"${'a'.repeat(SLICE_BYTES - 2)}"`)
    expect(readMessages(body, noPause)).toEqual({
      data: bytes(`${Buffer.from(body)},\n`),
      count: 1,
    })
  })

  it('is not mixed up with texts that arrive during its pauses', async () => {
    const other = bytes('["other",2]')
    const intrude = async (): Promise<void> => void readMessages(other, noPause)
    const [, posted] = texts[2]
    const both = [readMessages(bytes(posted), intrude), readMessages(bytes(posted), intrude)]
    for (const result of await Promise.all(both)) expect(stored(result)).toBe(`${posted},\n`)
  })
})
