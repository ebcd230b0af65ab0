/** What a row may be: an object, so that it can be told apart by a key of its own. */
export type Row = Record<string, unknown>

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Marks that TanStack DB puts on the rows it hands out. */
const MARKS = ['$synced', '$origin', '$key', '$collectionId', '$hasPendingWrites']
const ALWAYS_MARKED = MARKS.slice(0, 4)

/**
 * The row as its user wrote it. `{ ...collection.get(id), done: true }` is the natural way to write
 * an update, and would carry the marks into the stream.
 */
export function withoutMarks(row: Row): Row {
  if (!ALWAYS_MARKED.every((mark) => Object.hasOwn(row, mark))) return row
  return Object.fromEntries(Object.entries(row).filter(([name]) => !MARKS.includes(name)))
}

/** The key that a row carries in `field`: text, or a number as text. */
export function keyOf(row: Row, field: string): string | undefined {
  const key = Object.hasOwn(row, field) ? row[field] : undefined
  if (typeof key === 'number' && Number.isFinite(key)) return String(key)
  return typeof key === 'string' && key !== '' ? key : undefined
}
