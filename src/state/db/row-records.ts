import type { RowVersion } from '../conditions.ts'

/** A row as the stream brought it, or that there is none. */
export type KeptRow = { input: unknown; version: RowVersion } | { row: undefined }

/** Rows by type and key. */
export type KeptRows = Map<string, Map<string, KeptRow>>

/** What the stream adds up to after `offset`, and how many changes it held until there. */
export interface KeptPoint {
  offset: string
  ordinal: number
}

/**
 * One text of a journal. All texts of one step are written together; the last of them has the point,
 * so that rows never come without their offset.
 */
interface RowRecord extends Partial<KeptPoint> {
  /** What the rows were made by; in the first text of a journal. */
  schema?: string
  /** By type: key, version, value as it came, key, version, … */
  put?: Record<string, unknown[]>
  gone?: Record<string, string[]>
}

/** Few large texts are read faster than many small ones, and this many rows still take no time. */
const ROWS_PER_RECORD = 500

/** The texts of one step, made one by one, since all at once would take long. */
export function* encodeRows(
  rows: Iterable<readonly [type: string, rows: Iterable<readonly [key: string, row: KeptRow]>]>,
  point: KeptPoint,
  schema?: string,
): Generator<string, void> {
  let record: RowRecord = schema === undefined ? {} : { schema }
  let count = 0
  for (const [type, changes] of rows) {
    for (const [key, change] of changes) {
      if ('input' in change) {
        const list = ((record.put ??= {})[type] ??= [])
        list.push(key, change.version, change.input)
      } else {
        const list = ((record.gone ??= {})[type] ??= [])
        list.push(key)
      }
      count += 1
      if (count % ROWS_PER_RECORD > 0) continue
      yield JSON.stringify(record)
      record = {}
    }
  }
  yield JSON.stringify({ ...record, ...point })
}

/** What a journal holds. */
export interface Fold {
  rows: KeptRows
  point: KeptPoint
  /** Length of the first step, in characters: a picture of all rows. */
  firstChars: number
  /** Length of all steps. */
  chars: number
}

/**
 * Folds the texts of a journal, one by one, since all at once would take long.
 *
 * @returns nothing when it is empty, or was written for another schema.
 * @throws what is wrong with the texts.
 */
export function* foldRecords(
  texts: readonly string[],
  schema: string,
): Generator<void, Fold | undefined> {
  const rows: KeptRows = new Map()
  let point: KeptPoint | undefined
  let firstChars = 0
  let chars = 0
  for (const [i, text] of texts.entries()) {
    const record = JSON.parse(text) as RowRecord
    if (i === 0 && record.schema !== schema) return undefined
    for (const [type, list] of Object.entries(record.put ?? {})) {
      const kept = rowsOf(rows, type)
      for (let at = 0; at < list.length; at += 3) {
        kept.set(list[at] as string, { version: list[at + 1] as RowVersion, input: list[at + 2] })
      }
    }
    for (const [type, keys] of Object.entries(record.gone ?? {})) {
      for (const key of keys) rowsOf(rows, type).delete(key)
    }
    chars += text.length
    const { offset, ordinal } = record
    const isEnd = typeof offset === 'string' && typeof ordinal === 'number'
    if (isEnd && !point) firstChars = chars
    point = isEnd ? { offset, ordinal } : point
    if (i === texts.length - 1 && !isEnd) throw new Error('Rows without their offset')
    yield
  }
  return point && { rows, point, firstChars, chars }
}

export function rowsOf(rows: KeptRows, type: string): Map<string, KeptRow> {
  const found = rows.get(type)
  if (found) return found
  const created = new Map<string, KeptRow>()
  rows.set(type, created)
  return created
}
