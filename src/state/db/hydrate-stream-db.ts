import { StreamError } from '../../core/errors.ts'
import type { RowVersion } from '../conditions.ts'
import type { DehydratedStreamDB } from '../hydration.ts'
import { reportError } from '../report-error.ts'
import { keyOf, type Row } from '../row.ts'
import { schemaName } from '../schema-name.ts'
import type { Standing } from './standing.ts'
import { createRestore } from './restore-rows.ts'

/** Brings rows into a database that has just been made. */
export type RowHydration = (into: Standing) => void

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
    const { schema, schemaVersion, router, collections, goOnFrom } = into
    if (dehydrated.schema !== schemaName(schema, schemaVersion)) {
      return reportError(madeByAnother(path))
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
    collections.markReady()
    goOnFrom({ offset, ordinal })
    collections.use()
  }
}

function madeByAnother(path: string): StreamError {
  return new StreamError(
    'invalid',
    `The rows of "${path}" in this page were made by another schema, or another schemaVersion: ` +
      'give the server and the page the same (they are read from the stream instead)',
  )
}
