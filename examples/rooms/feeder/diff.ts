import { isDeepStrictEqual } from 'node:util'

/** What has to happen to the rows of one type to get from `before` to `after`. */
export interface Difference<Row> {
  inserted: Row[]
  updated: { before: unknown; after: Row }[]
  deleted: { key: string; before: unknown }[]
}

/** Compares two pictures of one type by key. Nothing is listed twice; equal rows are not listed. */
export function diffRows<Row>(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, Row>,
): Difference<Row> {
  const difference: Difference<Row> = { inserted: [], updated: [], deleted: [] }
  for (const [key, row] of after) {
    const known = before.get(key)
    if (!before.has(key)) difference.inserted.push(row)
    else if (!isDeepStrictEqual(known, row)) difference.updated.push({ before: known, after: row })
  }
  for (const [key, row] of before) {
    if (!after.has(key)) difference.deleted.push({ key, before: row })
  }
  return difference
}
