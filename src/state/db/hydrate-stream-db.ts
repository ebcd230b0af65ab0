import { StreamError } from '../../core/errors.ts'
import type { RowVersion } from '../conditions.ts'
import type { DehydratedStreamDB } from '../hydration.ts'
import { reportError } from '../report-error.ts'
import { keyOf, type Row } from '../row.ts'
import { schemaName } from '../schema-name.ts'
import { createRestore, type RestoreOptions } from './restore-rows.ts'
import type { Router } from './router.ts'
import type { KeptPoint } from './row-records.ts'

export interface HydrateOptions extends RestoreOptions {
  schemaVersion?: string | number
  router: Router
}

/** Puts rows into the tables of a database; gives the place in the stream that they are from. */
export type RowHydration = (into: HydrateOptions) => KeptPoint | undefined

/**
 * Makes of the rows that a page has brought along what a database starts from.
 *
 * Rows that another schema made, or another `schemaVersion`, are reported as an uncaught error, and
 * all is read from the stream instead.
 *
 * @param dehydrated what `dehydrateStreamDB` or `loadStreamDB` gave on the server.
 *
 * @example
 * const db = createStreamDB({ streamOptions: { url }, state: schema, hydration: hydrateStreamDB(rows) })
 */
export function hydrateStreamDB(dehydrated: DehydratedStreamDB): RowHydration {
  const { path, offset, ordinal, rows, named = [] } = dehydrated
  return (into) => {
    const { schema, schemaVersion, router } = into
    if (dehydrated.schema !== schemaName(schema, schemaVersion)) {
      reportError(madeByAnother(path))
      return undefined
    }
    const restore = createRestore(into, offset)
    const primaryKeys = new Map(Object.values(schema).map((of) => [of.type, of.primaryKey]))
    for (const [type, list] of rows) {
      for (let at = 0; at < list.length; at += 3) {
        const [key, version, input] = list.slice(at, at + 3) as [string | 0, RowVersion, unknown]
        restore(type, key || keyOf(input as Row, primaryKeys.get(type)!)!, { input, version })
      }
    }
    for (const [type, keys] of named) {
      router.isInSnapshot = true
      router.tableOf(type).openSnapshot(keys)
    }
    return { offset, ordinal }
  }
}

function madeByAnother(path: string): StreamError {
  return new StreamError(
    'invalid',
    `The rows of "${path}" in this page were made by another schema, or another schemaVersion: ` +
      'give the server and the page the same (they are read from the stream instead)',
  )
}
