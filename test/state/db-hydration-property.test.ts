import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { BEGINNING } from '../../src/core/protocol.ts'
import {
  createStateSchema,
  createStreamDB,
  hydrateStreamDB,
  type StateStream,
} from 'streamwell/state'
import { dehydrateStreamDB } from '../../src/state/ssr/dehydrate-stream-db.ts'

const KEYS = ['a', 'b', '1', '__proto__']
const row = z.object({ id: z.string(), n: z.number().max(8).default(0) })
const schema = createStateSchema({
  users: { schema: row, type: 'user', primaryKey: 'id' },
  rooms: { schema: row, type: 'room', primaryKey: 'id' },
})

const change = fc.record({
  type: fc.constantFrom('user', 'room', 'foreign', '__proto__'),
  key: fc.constantFrom(...KEYS),
  value: fc.record({ id: fc.constantFrom(...KEYS), n: fc.nat(9) }, { requiredKeys: ['id'] }),
  operation: fc.constantFrom('insert', 'update', 'upsert', 'delete'),
  // A version: a change by its number, or an append by its txid.
  base: fc.option(
    fc.oneof(
      fc.nat(12).map(String),
      fc.nat(9).map((i) => `t${i}`),
    ),
    {
      nil: undefined,
      freq: 2,
    },
  ),
})
const control = fc.constantFrom('snapshot-start', 'snapshot-end', 'reset')
const junk = fc.constantFrom<unknown>(null, 7, 'text', {}, { type: 'user' }, [[]])
const append = fc.record({
  hasTxId: fc.boolean(),
  items: fc.array(
    fc.oneof(
      { weight: 10, arbitrary: change.map((of) => ({ change: of })) },
      { weight: 1, arbitrary: control.map((of) => ({ control: of })) },
      { weight: 1, arbitrary: junk.map((of) => ({ junk: of })) },
    ),
    { minLength: 1, maxLength: 4 },
  ),
})

type Append = typeof append extends fc.Arbitrary<infer Value> ? Value : never

/** What is stored of the append of this number: changes that have a base belong to a transaction. */
function stored({ hasTxId, items }: Append, number: number): unknown[] {
  const txid = hasTxId ? { txid: `t${number}` } : {}
  return items.map((item) => {
    if ('junk' in item) return item.junk
    if ('control' in item) return { headers: { control: item.control } }
    const { base, operation, ...rest } = item.change
    const condition = hasTxId && base !== undefined ? { base } : {}
    return { ...rest, headers: { operation, ...txid, ...condition } }
  })
}

/** A stream of these appends, each at an offset of its own; tells from where it was read. */
function streamOf(appends: readonly unknown[][]): StateStream & { readFrom: string[] } {
  const readFrom: string[] = []
  const offsetOf = (count: number): string => String(count).padStart(4, '0')
  return {
    url: 'https://example.com/v1/stream/rooms/1',
    readFrom,
    create: async () => {},
    append: () => Promise.reject(new Error('not written to')),
    appendAll: () => Promise.reject(new Error('not written to')),
    async *follow({ offset = BEGINNING } = {}) {
      readFrom.push(offset)
      const from = offset === BEGINNING ? 0 : Number(offset)
      if (from === appends.length) {
        yield { items: [], offset: offsetOf(from), upToDate: true, streamClosed: false }
      }
      for (let i = from; i < appends.length; i++) {
        const upToDate = i === appends.length - 1
        yield { items: [...appends[i]!], offset: offsetOf(i + 1), upToDate, streamClosed: false }
      }
    },
  }
}

/** All that a database knows, in an order that does not depend on how it came to know it. */
function known(db: Parameters<typeof dehydrateStreamDB>[0]): unknown {
  const { rows, named = [], ...rest } = dehydrateStreamDB(db)
  const tables = rows.map(([type, list]) => {
    const entries: [string, unknown, unknown][] = []
    for (let at = 0; at < list.length; at += 3) {
      const [key, version, input] = list.slice(at) as [string | 0, unknown, { id: string }]
      entries.push([key || input.id, version, input])
    }
    return [type, entries.toSorted(([a], [b]) => (a < b ? -1 : 1))]
  })
  return {
    ...rest,
    rows: new Map(tables as [string, unknown][]),
    // Of a type whose first row comes in a snapshot, all rows are named by it in any case.
    named: named
      .filter(([type]) => type === 'user' || type === 'room')
      .map(([type, keys]) => [type, keys.toSorted()]),
  }
}

it('rows of a page, taken at any place of any stream, and the rest of it are the whole of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(append, { maxLength: 8 }), fc.nat(8), async (appends, cut) => {
      const items = appends.map(stored)
      const open = (stream: StateStream, options = {}) =>
        createStreamDB({ stream, state: schema, live: false, ...options })
      const before = open(streamOf(items.slice(0, cut)))
      const whole = open(streamOf(items))
      await Promise.all([before.preload(), whole.preload()])
      const page = JSON.parse(JSON.stringify(dehydrateStreamDB(before)))

      const stream = streamOf(items)
      const db = open(stream, { hydration: hydrateStreamDB(page) })
      for (const name of ['users', 'rooms'] as const) {
        expect(new Map(db.collections[name].state)).toEqual(new Map(before.collections[name].state))
        expect(db.collections[name].status).toBe('ready')
      }
      await db.preload()
      expect(stream.readFrom).toEqual([page.offset])
      expect(known(db)).toEqual(known(whole))
      for (const name of ['users', 'rooms'] as const) {
        expect(new Map(db.collections[name].state)).toEqual(new Map(whole.collections[name].state))
      }
      for (const each of [before, whole, db]) each.close()
    }),
    { numRuns: 300 },
  )
})
