import { z } from 'zod'
import { createStateSchema, type StateSchema } from 'streamwell/state'

type Row = z.ZodObject<{
  id: z.ZodString
  /** Who wrote last. */
  stamp: z.ZodString
  /** The sum of all that was added. */
  n: z.ZodNumber
  /** Who added. */
  ids: z.ZodArray<z.ZodString>
}>

type Collection = { schema: Row; type: string; primaryKey: 'id' }
export type Definition = { users: Collection; rooms: Collection }

const row = z.object({
  id: z.string(),
  stamp: z.string(),
  n: z.number(),
  ids: z.array(z.string()),
})

export const schema: StateSchema<Definition> = createStateSchema<Definition>({
  users: { schema: row, type: 'user', primaryKey: 'id' },
  rooms: { schema: row, type: 'room', primaryKey: 'id' },
})

export type AppRow = z.infer<Row>

/** Rows that are counted up. */
export const COUNTERS = ['c0', '__proto__'] as const
/** Each is a user and a room of the same stamp, written and deleted by one transaction alone. */
export const PAIRS = ['p0', 'p1'] as const

export const newRow = (id: string, stamp: string): AppRow => ({ id, stamp, n: 0, ids: [] })

/** What one who counts up does to a row. */
export function addTo(draft: AppRow, id: string): void {
  draft.stamp = id
  draft.n += 1
  draft.ids.push(id)
}

/** Events with which the log of an app begins. */
export function firstEvents(): unknown[] {
  const counters = COUNTERS.map((id) => schema.users.insert({ value: newRow(id, 'first') }))
  return [...counters, ...pairEvents('insert', PAIRS[0], 'first')]
}

/** Both rows of a pair, by one transaction of somebody who has no database. */
export function pairEvents(
  operation: 'insert' | 'upsert' | 'delete',
  id: string,
  stamp: string,
): unknown[] {
  const headers = { txid: stamp }
  return ([schema.users, schema.rooms] as const).map((helpers) =>
    operation === 'delete'
      ? helpers.delete({ key: id, headers })
      : helpers[operation]({ value: newRow(id, stamp), headers }),
  )
}

/** What nobody can use; the first of them are no events at all. */
export const GARBAGE: readonly unknown[] = [
  ...[null, 17, 'text', [], {}, { headers: null }, { type: 'user', key: 'c0' }],
  { type: 'user', key: 'c0', value: {}, headers: { operation: 'tickle' } },
  { type: 'user', key: '', value: {}, headers: { operation: 'insert' } },
  { headers: { control: 'boom' } },
]

/** Well-formed, and breaks the schema. */
export const UNFIT: readonly unknown[] = [
  { type: 'user', key: 'c0', value: { id: 'c0', n: 'one' }, headers: { operation: 'upsert' } },
  { type: 'room', key: 'p0', value: 7, headers: { operation: 'insert' } },
  { type: 'user', key: 'p0', value: null, headers: { operation: 'update' } },
]
