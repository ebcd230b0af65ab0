import type { StateSchema } from '../schema.ts'
import { validateRow } from '../validate.ts'
import type { InvalidEvent } from './router.ts'
import type { Fold, KeptRow, KeptRows } from './row-records.ts'
import { inSlices } from './slices.ts'
import type { Table } from './table.ts'

export interface RestoreOptions {
  schema: StateSchema
  /** The table of a type, also of one that the schema does not know. */
  tableOf: (type: string) => Table
  onInvalid: (invalid: InvalidEvent) => void
}

/**
 * Puts rows of the last visit into the tables, as far as they still fit the schema.
 *
 * @returns those that do not.
 */
export async function restoreRows(
  { rows: kept, point }: Fold,
  { schema, tableOf, onInvalid }: RestoreOptions,
): Promise<[type: string, key: string][]> {
  const schemas = new Map(Object.values(schema).map(({ type, schema: rows }) => [type, rows]))
  const dropped: [string, string][] = []
  await inSlices(entriesOf(kept), ([type, key, row]) => {
    if (!('input' in row)) return
    const { input, version } = row
    const rows = schemas.get(type)
    // Of other types, only the versions count.
    const validation = rows ? validateRow(rows, input) : UNREAD
    if (validation.kind === 'valid') {
      tableOf(type).put(key, { row: validation.value, input, version })
    } else {
      const event = { type, key, value: input, headers: { operation: 'upsert' } }
      onInvalid({ event, issues: validation.issues, offset: point.offset })
      dropped.push([type, key])
    }
  })
  return dropped
}

const UNREAD = { kind: 'valid', value: {} } as const

function* entriesOf(rows: KeptRows): Generator<[type: string, key: string, row: KeptRow], void> {
  for (const [type, changes] of rows) for (const [key, row] of changes) yield [type, key, row]
}
