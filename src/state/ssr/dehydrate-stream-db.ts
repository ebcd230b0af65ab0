import { StreamError } from '../../core/errors.ts'
import { isSentinel } from '../../core/protocol.ts'
import type { RowVersion } from '../conditions.ts'
import type { DehydratedStreamDB } from '../hydration.ts'
import { isRow, keyOf } from '../row.ts'
import { type DatabaseRows, ROWS } from '../rows-of.ts'
import { schemaName } from '../schema-name.ts'
import { streamPath } from '../stream-path.ts'

/** A StreamDB, as far as it matters here. */
interface Dehydratable {
  readonly stream: { readonly url: string }
  readonly offset: string
}

/**
 * The confirmed rows of a StreamDB as JSON, to go into a page: as the stream brought them, with their
 * versions, and the offset from which the browser reads on.
 *
 * @param path names the rows in the page: the key of the hooks. Default: the path of the stream below
 *   `/v1/stream/`.
 *
 * @example
 * const db = createStreamDB({ streamOptions: { url }, state: schema, live: false })
 * await db.preload()
 * const rows = dehydrateStreamDB(db)
 * db.close()
 *
 * @throws {StreamError} `invalid` without `preload`, and where the URL tells no path; `unavailable`
 *   while a long batch is half there, in a database that goes on reading.
 */
export function dehydrateStreamDB(
  db: Dehydratable,
  path: string | undefined = streamPath(db.stream.url),
): DehydratedStreamDB {
  const { schema, schemaVersion, router, point } =
    (db as { [ROWS]?: DatabaseRows })[ROWS] ?? refuse(NO_DATABASE)
  const primaryKeys = new Map(Object.values(schema).map((of) => [of.type, of.primaryKey]))
  const tables = [...router.routes].map(([type, { table }]) => [type, table] as const)
  const named = tables.flatMap(([type, { named: keys }]) => (keys ? [entry(type, [...keys])] : []))
  return {
    kind: 'db',
    path: path ?? refuse(`${db.stream.url} tells no path: dehydrateStreamDB(db, 'rooms/1')`),
    ...(point ?? unsettled(db)),
    schema: schemaName(schema, schemaVersion),
    rows: tables
      .filter(([, { published }]) => published.size > 0)
      .map(([type, { published }]) => entry(type, listOf(published, primaryKeys.get(type)))),
    ...(named.length > 0 && { named }),
  }
}

const NO_DATABASE =
  'dehydrateStreamDB takes what createStreamDB made, by the same copy of streamwell'

const entry = <Value>(type: string, value: Value): [string, Value] => [type, value]

function listOf(
  rows: ReadonlyMap<string, { input: unknown; version: RowVersion }>,
  primaryKey: string | undefined,
): unknown[] {
  const list: unknown[] = []
  for (const [key, { input, version }] of rows) {
    const own = primaryKey !== undefined && isRow(input) ? keyOf(input, primaryKey) : undefined
    list.push(own === key ? 0 : key, version, input ?? null)
  }
  return list
}

function unsettled({ offset, stream }: Dehydratable): never {
  if (isSentinel(offset)) refuse(`The database on ${stream.url} is empty: await db.preload() first`)
  throw new StreamError(
    'unavailable',
    `The database on ${stream.url} has half of a batch: try again, or make one with live: false`,
  )
}

function refuse(message: string): never {
  throw new StreamError('invalid', message)
}
