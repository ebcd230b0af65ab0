import type { StateSchema } from '../schema.ts'
import { validateRow } from '../validate.ts'
import type { InvalidEvent, Router } from './router.ts'
import type { Fold, KeptRow, KeptRows } from './row-records.ts'
import { inSlices } from './slices.ts'

export interface RestoreOptions {
  schema: StateSchema
  router: Pick<Router, 'tableOf'>
  onInvalid: (invalid: InvalidEvent) => void
}

/**
 * Gives a function that puts a row into its table, as it came, if it still fits the schema.
 *
 * @param offset the place in the stream that the rows are from.
 */
export function createRestore(
  { schema, router, onInvalid }: RestoreOptions,
  offset: string,
): (type: string, key: string, kept: Extract<KeptRow, { input: unknown }>) => boolean {
  const schemas = new Map(Object.values(schema).map(({ type, schema: rows }) => [type, rows]))

  return (type, key, { input, version }) => {
    const rows = schemas.get(type)
    // Of other types, only the versions count.
    const validation = rows ? validateRow(rows, input) : UNREAD
    if (validation.kind === 'valid') {
      router.tableOf(type).put(key, { row: validation.value, input: rows && input, version })
      return true
    }
    const event = { type, key, value: input, headers: { operation: 'upsert' } }
    onInvalid({ event, issues: validation.issues, offset })
    return false
  }
}

/**
 * Puts rows of the last visit into the tables, as far as they still fit the schema.
 *
 * @returns those that do not.
 */
export async function restoreRows(
  { rows: kept, point }: Fold,
  options: RestoreOptions,
): Promise<[type: string, key: string][]> {
  const restore = createRestore(options, point.offset)
  const dropped: [string, string][] = []
  await inSlices(entriesOf(kept), ([type, key, row]) => {
    if ('input' in row && !restore(type, key, row)) dropped.push([type, key])
  })
  return dropped
}

const UNREAD = { kind: 'valid', value: {} } as const

function* entriesOf(rows: KeptRows): Generator<[type: string, key: string, row: KeptRow], void> {
  for (const [type, changes] of rows) for (const [key, row] of changes) yield [type, key, row]
}
