import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { createTextKeeper } from '../../src/state/stream-text/keep-text.ts'
import { itemRules } from '../../src/state/stream-text/item-rules.ts'
import { addBatch, NO_TEXT, type TextSoFar } from '../../src/state/stream-text/text-so-far.ts'
import { mapStorage } from './text-pages.ts'

function batchOf(parts: Batch['parts'], at: Partial<Batch> = {}): Batch {
  return { parts, offset: '1', upToDate: true, streamClosed: false, ...at }
}

/** Cuts something at places that chance gave. */
function cut<Part>(
  length: number,
  cuts: readonly number[],
  slice: (a: number, b: number) => Part,
): Part[] {
  const places = [0, ...cuts.map((place) => place % (length + 1)).sort((a, b) => a - b), length]
  return places.slice(1).map((end, i) => slice(places[i]!, end))
}

/** As the page has it after a reload. */
const reloaded = (soFar: TextSoFar): TextSoFar => JSON.parse(JSON.stringify(soFar)) as TextSoFar

/** Bytes of which many are parts of characters, whole ones and broken ones. */
const bytes = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 12 }),
  fc
    .array(fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0x41, 0xff), {
      maxLength: 12,
    })
    .map((list) => Uint8Array.from(list)),
)
const cuts = fc.array(fc.nat(1000), { maxLength: 8 })

describe('text that comes in pieces', () => {
  it('is the same wherever its bytes are cut, and whenever the page is loaded again', () => {
    fc.assert(
      fc.property(bytes, cuts, fc.nat(3), (all, cuts, perBatch) => {
        const parts = cut(all.length, cuts, (from, to) => all.slice(from, to))
        let soFar = NO_TEXT
        while (parts.length > 0) {
          soFar = addBatch(reloaded(soFar), batchOf(parts.splice(0, perBatch + 1)), undefined)
        }
        soFar = addBatch(soFar, batchOf([], { streamClosed: true }), undefined)
        expect(soFar.text).toBe(new TextDecoder(undefined, { ignoreBOM: true }).decode(all))
        expect(soFar.isDone).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('shows every character as soon as it is whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 10 }), (text) => {
        let soFar = NO_TEXT
        for (const character of text) {
          const encoded = new TextEncoder().encode(character)
          const before = soFar.text
          for (const byte of encoded.slice(0, -1)) {
            soFar = addBatch(soFar, batchOf([Uint8Array.of(byte)]), undefined)
            expect(soFar.text).toBe(before)
          }
          soFar = addBatch(soFar, batchOf([encoded.slice(-1)]), undefined)
          expect(soFar.text).toBe(before + character)
        }
      }),
    )
  })

  it('takes no time that grows with the square of its length', () => {
    const token = batchOf(['word '])
    let soFar = NO_TEXT
    for (let n = 0; n < 200_000; n++) soFar = addBatch(soFar, token, undefined)
    expect(soFar.text).toHaveLength(1_000_000)
  })
})

describe('the items of a JSON stream', () => {
  const rules = itemRules({}, () => {})

  it('give their text: strings, and what has a field for it', () => {
    const batch = batchOf(['["a",{"text":"b"},{"text":5},7,null]', '[["no"],{"end":"stopped"}]'])
    expect(addBatch(NO_TEXT, batch, rules)).toMatchObject({ text: 'ab', end: 'stopped' })
  })

  it('give what textOf and endOf say of them', () => {
    const own = itemRules<{ delta?: string; finish?: string }>(
      { textOf: ({ delta }) => delta, endOf: ({ finish }) => finish },
      () => {},
    )
    const batch = batchOf(['[{"delta":"a"},{"delta":"b","finish":"length"},{"text":"c"}]'])
    expect(addBatch(NO_TEXT, batch, own)).toMatchObject({ text: 'ab', end: 'length' })
  })

  it('are skipped when textOf throws on them, and that is told', () => {
    const told: string[] = []
    const own = itemRules<{ choices: [{ delta: string }] }>(
      { textOf: ({ choices }) => choices[0].delta },
      ({ message }) => told.push(message),
    )
    const batch = batchOf(['[{"choices":[{"delta":"a"}]},{"usage":1},{"choices":[{"delta":"b"}]}]'])
    expect(addBatch(NO_TEXT, batch, own).text).toBe('ab')
    expect(told).toHaveLength(1)
    expect(told[0]).toContain('textOf of an item')
  })
})

describe('what is kept of a text', () => {
  const keep = (storage: Storage | false): TextSoFar =>
    createTextKeeper(
      storage,
      'a',
      () => NO_TEXT,
      () => {},
    ).load()

  it.each(['', 'null', '7', '{}', '[', '{"text":"a"}', '{"text":"a","offset":"1"}', '{"text":1}'])(
    'counts for nothing when it is %o',
    (kept) => {
      expect(keep(mapStorage({ 'streamwell:text:a': kept }))).toBe(NO_TEXT)
    },
  )

  it('is not looked for without a page, whatever storage there is', () => {
    const storage = mapStorage({ 'streamwell:text:a': '{"text":"a","offset":"1","rest":[]}' })
    const { sessionStorage } = globalThis as { sessionStorage?: Storage }
    Object.assign(globalThis, { sessionStorage: storage })
    try {
      expect(
        createTextKeeper(
          undefined,
          'a',
          () => NO_TEXT,
          () => {},
        ).load(),
      ).toBe(NO_TEXT)
      expect(keep(storage).text).toBe('a')
    } finally {
      Object.assign(globalThis, { sessionStorage })
    }
  })
})
