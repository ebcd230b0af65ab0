import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstBytes, wholeLength } from '../../dev-server/operations/page.ts'
import { nextCursor } from '../../dev-server/operations/cursor.ts'
import { createByteLog } from '../../dev-server/storage/byte-log.ts'

/** `bytes` as a storage may give them: in pieces of any size. */
function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const parts: Uint8Array[] = []
  let at = 0
  for (const size of sizes) {
    if (at + size >= bytes.length) break
    parts.push(bytes.subarray(at, at + size))
    at += size
  }
  return [...parts, bytes.subarray(at)]
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const sizes = fc.array(fc.integer({ min: 1, max: 5 }))

describe('a page', () => {
  it('of text ends with a whole character, and leaves less than one behind', () => {
    const text = fc.string({ unit: 'binary', minLength: 1 })
    fc.assert(
      fc.property(text, fc.nat(200), sizes, (whole, cut, split) => {
        const bytes = new TextEncoder().encode(whole)
        const available = bytes.subarray(0, 1 + (cut % bytes.length))
        const parts = pieces(available, split)
        const length = wholeLength(parts, 'text')
        const page = Buffer.concat(firstBytes(parts, length))
        expect(page).toEqual(Buffer.from(available.subarray(0, length)))
        expect(whole.startsWith(utf8.decode(page))).toBe(true)
        expect(available.length - length).toBeLessThan(4)
      }),
    )
  })

  it('of messages ends with a whole message, or is none yet', () => {
    const messages = fc.array(fc.stringMatching(/^[a-z]{0,6}$/), { minLength: 1 })
    fc.assert(
      fc.property(messages, fc.nat(100), sizes, (lines, cut, split) => {
        const stored = lines.map((line) => `"${line}",\n`).join('')
        const available = stored.slice(0, 1 + (cut % stored.length))
        const parts = pieces(new TextEncoder().encode(available), split)
        expect(wholeLength(parts, 'json')).toBe(available.lastIndexOf('\n') + 1)
      }),
    )
  })

  it('of bytes that are no text ends anywhere', () => {
    const stray = [Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80)]
    expect(wholeLength(stray, 'binary')).toBe(5)
    expect(wholeLength(stray, 'text')).toBe(5)
  })
})

describe('a cursor', () => {
  const now = Date.UTC(2024, 9, 9, 0, 10)
  it.each([
    ['of a new reader is the present interval of 20 s', undefined, 0, '30'],
    ['that is behind is brought up to the present', '29', 0.5, '30'],
    ['that is no number counts as none', '1e9', 0.5, '30'],
    ['that is there already moves on', '30', 0, '31'],
    ['that is there already moves on by an hour at most', '30', 0.999999, '210'],
    ['from the future moves on as well', '500', 0, '501'],
  ])('%s', (_name, known, random, cursor) => {
    expect(nextCursor(known, now, () => random)).toBe(cursor)
  })
})

it('a stream of many small appends is kept in few large pieces', () => {
  const log = createByteLog()
  for (let i = 0; i < 20_000; i++) log.append(new Uint8Array(100))
  const parts = log.read(0, Infinity)
  expect(parts.length).toBeLessThan(20)
  const reserved = new Set(parts.map(({ buffer }) => buffer))
  const bytes = [...reserved].reduce((sum, { byteLength }) => sum + byteLength, 0)
  expect(bytes).toBeLessThan(2 * 2_000_000)
})
