import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { bytesOf, createTextDecoder, parseItems } from '../../src/core/decode.ts'

function batchOf(parts: Batch['parts'], streamClosed = false): Batch {
  return { parts, offset: '7', upToDate: true, streamClosed }
}

/** The bytes of a text, cut at these places. */
function cut(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = new TextEncoder().encode(text)
  const at = [0, ...places.map((n) => n % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

it('gives the items of all parts in order, arrays among them too', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.jsonValue())), (arrays) => {
      const { items } = parseItems(batchOf(arrays.map((array) => JSON.stringify(array))))
      expect(items).toEqual(JSON.parse(JSON.stringify(arrays.flat())))
    }),
  )
})

it.each([
  [['{"a":1}']],
  [['null']],
  [['"text"']],
  [['[1']],
  [['[1],[2]']],
  [['[1]', '2']],
  [['[1', '2]']],
  [['']],
])('refuses what is not JSON arrays, and says before which offset it came: %j', (parts) => {
  expect(() => parseItems(batchOf(parts))).toThrow(
    expect.objectContaining({ code: 'malformed', message: expect.stringContaining('offset 7') }),
  )
})

it('says nothing of the data in what it hands over beside the items', () => {
  expect(parseItems(batchOf(['[1]']))).toEqual({
    items: [1],
    offset: '7',
    upToDate: true,
    streamClosed: false,
  })
})

it('reads a text wherever its bytes are cut, into parts or into batches', () => {
  const anyText = fc.string({ unit: 'binary' }).map((text) => text.replace(/^\uFEFF+/, ''))
  fc.assert(
    fc.property(anyText, fc.array(fc.nat()), fc.boolean(), (text, places, together) => {
      const parts = cut(text, places)
      const batches = together ? [batchOf(parts)] : parts.map((part) => batchOf([part]))
      const decode = createTextDecoder()
      const read = [...batches, batchOf([], true)].map((batch) => decode(batch).text)
      expect(read.join('')).toBe(new TextDecoder().decode(new TextEncoder().encode(text)))
    }),
  )
})

it('shows what is left of a character when the stream is closed within it', () => {
  expect(createTextDecoder()(batchOf([new Uint8Array([0x61, 0xc3])], true)).text).toBe('a\uFFFD')
})

it('gives the bytes of text that came as text', () => {
  const { data } = bytesOf(batchOf([new Uint8Array([0, 255]), 'é', new Uint8Array(), '!']))
  expect([...data]).toEqual([0, 255, 0xc3, 0xa9, 33])
})
