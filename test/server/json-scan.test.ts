import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginScan, endScan, scanPart } from '../../dev-server/operations/json-scan.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The messages in `body`, which arrives cut at `cuts`; undefined if it is refused. */
function messagesOf(body: Uint8Array, cuts: readonly number[] = []): string | undefined {
  const out = new Uint8Array(2 * body.length + 2)
  const scan = beginScan()
  let length = 0
  let from = 0
  try {
    for (const to of [...cuts, body.length]) {
      length += scanPart(scan, body.subarray(from, to), out.subarray(length))
      from = to
    }
    length += endScan(scan, out.subarray(length))
  } catch (error) {
    expect(error).toHaveProperty('code', 'bad-request')
    return undefined
  }
  return Buffer.from(out.subarray(0, length)).toString()
}

function parse(body: Uint8Array | string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(typeof body === 'string' ? body : utf8.decode(body)) }
  } catch {
    return undefined
  }
}

function agreesWithNative(body: Uint8Array): void {
  const ours = messagesOf(body)
  const native = parse(body)
  if ((ours === undefined) !== (native === undefined)) {
    throw new Error(`Only one takes ${JSON.stringify(Buffer.from(body).toString('latin1'))}`)
  }
  if (ours === undefined || !native) return
  const { value } = native
  const items = Array.isArray(value) ? (value as unknown[]) : [value]
  expect(parse(`[${ours.slice(0, -2)}]`)?.value).toEqual(items)
}

const layouts = fc.constantFrom(undefined, 1, '\t', '\r\n ')
const jsonTexts = fc
  .tuple(fc.jsonValue({ stringUnit: 'binary' }), layouts)
  .map(([value, layout]) => JSON.stringify(value, null, layout))
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    removed: fc.nat({ max: 2 }),
    inserted: fc.oneof(
      fc.uint8Array({ maxLength: 2 }),
      fc.constantFrom('"', '\\', ',', '[', ']', '{', '}', ':', '0', '.', 'e', '-').map(bytes),
    ),
  }),
  { minLength: 1, maxLength: 2 },
)
const damagedTexts = fc.tuple(jsonTexts, damage).map(([text, faults]) => {
  const body = [...bytes(text)]
  for (const { at, removed, inserted } of faults) {
    body.splice(at % (body.length + 1), removed, ...inserted)
  }
  return Uint8Array.from(body)
})

describe('what counts as JSON', () => {
  it('is what JSON.parse takes, for texts with faults in bytes or grammar', () => {
    fc.assert(fc.property(damagedTexts, agreesWithNative), { numRuns: 5000 })
  })

  it('is what JSON.parse takes, for tokens in any order', () => {
    const tokens = fc.constantFrom(
      ...['[', ']', '{', '}', ',', ':', '"', '"a"', '"a":', '\\', '\\u', '\\ud800', 'é', '\ufeff'],
      ...[' ', '\n', '\0', '0', '1', '00', '-', '+', '.', 'e', 'E1', '1e400', 'f', 'ff', '😀'],
      ...['true', 'false', 'null', 'nul', 'NaN', 'Infinity', '//', "'"],
    )
    const texts = fc.array(tokens, { maxLength: 8 }).map((parts) => bytes(parts.join('')))
    fc.assert(fc.property(texts, agreesWithNative), { numRuns: 10_000 })
  })

  it('is what JSON.parse takes, for every byte, and every lead of a character', () => {
    const edges = [0, 0x1f, 0x22, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]
    for (let first = 0; first < 256; first++) {
      agreesWithNative(Uint8Array.of(first))
      agreesWithNative(Uint8Array.of(0x31, first))
      for (const second of edges) {
        agreesWithNative(Uint8Array.of(0x22, first, second, 0x22))
        agreesWithNative(Uint8Array.of(0x22, first, second, 0x80, 0x22))
        agreesWithNative(Uint8Array.of(0x22, first, second, 0xbf, 0x80, 0x22))
      }
    }
  })
})

describe('a JSON text that arrives in parts', () => {
  it('is read as if it came whole, whatever the cuts', () => {
    const texts = fc.oneof(jsonTexts.map(bytes), damagedTexts)
    fc.assert(
      fc.property(texts, fc.array(fc.nat(), { maxLength: 5 }), (body, places) => {
        const cuts = places.map((place) => place % (body.length + 1)).sort((a, b) => a - b)
        expect(messagesOf(body, cuts)).toBe(messagesOf(body))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps the raw text of every element of an array', () => {
    const element = fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.stringify(value))
    fc.assert(
      fc.property(fc.array(element), (elements) => {
        const expected = elements.map((text) => `${text},\n`).join('')
        expect(messagesOf(bytes(`[${elements.join(' ,\t')}]`))).toBe(expected)
      }),
    )
  })
})

describe('brackets', () => {
  it('may nest a million levels deep', () => {
    const levels = 1024 * 1024
    const nested = '['.repeat(levels) + ']'.repeat(levels)
    expect(messagesOf(bytes(nested)) === `${nested.slice(1, -1)},\n`).toBe(true)
    expect(messagesOf(bytes(`${nested}]`))).toBeUndefined()
    expect(messagesOf(bytes(nested.slice(1)))).toBeUndefined()
    expect(messagesOf(bytes(nested.slice(0, -1)))).toBeUndefined()
  })

  it('close what they opened, at every level', () => {
    const levels = fc.array(fc.boolean(), { minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(levels, fc.nat(), (isObject, place) => {
        const opened = isObject.map((object) => (object ? '{"k":' : '[')).join('')
        const closers = isObject.map((object) => (object ? '}' : ']')).reverse()
        expect(messagesOf(bytes(`${opened}1${closers.join('')}`))).toBeDefined()
        const wrong = place % closers.length
        closers[wrong] = closers[wrong] === '}' ? ']' : '}'
        expect(messagesOf(bytes(`${opened}1${closers.join('')}`))).toBeUndefined()
      }),
    )
  })
})
