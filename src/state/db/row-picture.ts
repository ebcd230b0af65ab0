import { type Fold, type KeptPoint, type KeptRow, type KeptRows, rowsOf } from './row-records.ts'

type Rows = readonly (readonly [type: string, rows: readonly (readonly [string, KeptRow])[]])[]

/** The rows of one place in the stream, and what of them is not yet written. */
export interface RowPicture {
  readonly rows: KeptRows
  /** Nothing while nothing is known, or all that was is void. */
  readonly point: KeptPoint | undefined
  /** Rows that show, but whose place in the stream is not known yet. */
  add: (type: string, key: string, row: KeptRow) => void
  /** All that was added is what the stream adds up to here. @returns whether that is new. */
  settle: (point: KeptPoint) => boolean
  clear: () => void
  /** How many rows {@link take} would give. */
  count: (isWhole: boolean) => number
  /** What has changed since rows were last taken, or all there are. */
  take: (isWhole: boolean) => Rows
}

export function createRowPicture(fold: Fold | undefined): RowPicture {
  const rows: KeptRows = fold?.rows ?? new Map()
  let point = fold?.point
  let ahead: KeptRows = new Map()
  let unsaved: KeptRows = new Map()

  return {
    rows,
    get point() {
      return point
    },
    add: (type, key, row) => void rowsOf(ahead, type).set(key, row),
    settle(next) {
      if (next.offset === point?.offset) return false
      for (const [type, changes] of ahead) {
        for (const [key, row] of changes) {
          if ('input' in row) rowsOf(rows, type).set(key, row)
          else rowsOf(rows, type).delete(key)
          rowsOf(unsaved, type).set(key, row)
        }
      }
      ahead = new Map()
      point = next
      return true
    },
    clear() {
      for (const kept of [rows, ahead, unsaved]) kept.clear()
      point = undefined
    },
    count: (isWhole) =>
      [...(isWhole ? rows : unsaved).values()].reduce((sum, { size }) => sum + size, 0),
    take(isWhole) {
      const taken = isWhole ? rows : unsaved
      unsaved = new Map()
      // A copy, since the picture goes on changing while it is written.
      return [...taken].map(([type, changes]) => [type, [...changes]])
    },
  }
}
