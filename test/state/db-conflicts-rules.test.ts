import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  createStateSchema,
  MaterializedState,
  type StateEvent,
  type StateSchema,
} from 'streamwell/state'
import { createRouter } from '../../src/state/db/router.ts'
import { createTable } from '../../src/state/db/table.ts'

const row = z.object({ id: z.string(), n: z.number() })
const schema = createStateSchema({
  users: { schema: row, type: 'user', primaryKey: 'id' },
  rooms: { schema: row, type: 'room', primaryKey: 'id' },
})

/** Versions that meet often enough, and others. */
const versions = fc.constantFrom('1', '2', '3', '4', '5', 'x', 'y', 'z')
const change = fc.record({
  type: fc.constantFrom('user', 'room', 'weather'),
  key: fc.constantFrom('a', 'b'),
  value: fc.record({ id: fc.constant('a'), n: fc.nat(99) }),
  headers: fc.record(
    {
      operation: fc.constantFrom('update', 'delete', 'upsert'),
      txid: fc.constantFrom('x', 'y', 'z'),
      base: versions,
    },
    { requiredKeys: ['operation'] },
  ),
})
const control = fc.record({
  headers: fc.record({ control: fc.constantFrom('snapshot-start', 'snapshot-end', 'reset') }),
})
const events = fc.array(
  fc.oneof({ weight: 9, arbitrary: change }, { weight: 1, arbitrary: control }),
  { maxLength: 40 },
) as fc.Arbitrary<StateEvent[]>

it('a database and the state of a log skip the same changes, wherever rows are shown', () => {
  fc.assert(
    fc.property(events, fc.nat(6), (log, slice) => {
      const tables = new Map(['users', 'rooms'].map((name) => [name, createTable()]))
      const router = createRouter({
        schema: schema as unknown as StateSchema,
        tables,
        onEvent: () => {},
        onInvalid: () => {},
        onTxId: () => {},
      })
      log.forEach((event, i) => {
        router.route(event, '')
        const next = log[i + 1]?.headers as { txid?: string } | undefined
        const isCut =
          next?.txid === undefined || next.txid !== (event.headers as { txid?: string }).txid
        if (i % 7 === slice && isCut && !router.isInSnapshot) {
          for (const table of tables.values()) table.publish()
        }
      })
      for (const table of tables.values()) table.publish()

      const model = new MaterializedState()
      model.applyBatch(log)
      for (const [name, type] of [
        ['users', 'user'],
        ['rooms', 'room'],
      ] as const) {
        const rows = [...tables.get(name)!.published].map(([key, one]) => [key, one.row])
        expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(model.getType(type)))
      }
    }),
    { numRuns: 3_000 },
  )
})
