import type { ConditionalRows, RowVersion } from '../conditions.ts'
import type { Row } from '../row.ts'

export type { RowVersion }

/** A row as the stream brought it. */
export interface IncomingRow {
  /** As the schema gives it. */
  row: Row
  /** As it came: JSON, before the schema. */
  input: unknown
  version: RowVersion
}

/** What has to be done to the published rows of one type: a row stored, or gone. */
export type TableChange = { key: string } & (
  | IncomingRow
  | { row: undefined; input?: undefined; version?: undefined }
)

/**
 * The confirmed rows of one type: those published, and what has come in since. Many events on one
 * key add up to one change, so that publishing costs by the keys, not by the length of the history.
 */
export interface Table extends ConditionalRows {
  readonly published: ReadonlyMap<string, IncomingRow>
  /** How many keys have come in since the last {@link publish}. */
  readonly stagedCount: number
  /** The row as it is with all that has come in. */
  get: (key: string) => IncomingRow | undefined
  put: (key: string, incoming: IncomingRow) => void
  remove: (key: string) => void
  /** Every row goes, staged or published. */
  clear: () => void
  /** Keys that the snapshot has named, where one is open. */
  readonly named: ReadonlySet<string> | undefined
  /** From here on, keys that are named are those of the snapshot, besides these. */
  openSnapshot: (keys?: Iterable<string>) => void
  /** Rows that the snapshot did not name go. */
  closeSnapshot: () => void
  /** Makes the staged rows the published ones, and says what that changes. */
  publish: () => TableChange[]
}

export function createTable(): Table {
  const published = new Map<string, IncomingRow>()
  let staged = new Map<string, IncomingRow | undefined>()
  let isCleared = false
  let named: Set<string> | undefined

  function stage(key: string, incoming: IncomingRow | undefined): void {
    staged.set(key, incoming)
    named?.add(key)
  }

  function stageRemovalOfOthers(kept: { has: (key: string) => boolean }): void {
    for (const key of published.keys()) if (!kept.has(key)) staged.set(key, undefined)
  }

  return {
    published,
    get stagedCount() {
      return staged.size
    },
    get(key) {
      return staged.has(key) || isCleared ? staged.get(key) : published.get(key)
    },
    put: stage,
    remove: (key) => stage(key, undefined),
    mark(key) {
      const had = staged.has(key)
      const before = staged.get(key)
      return () => void (had ? staged.set(key, before) : staged.delete(key))
    },
    clear() {
      staged.clear()
      isCleared = true
    },
    get named() {
      return named
    },
    openSnapshot(keys) {
      named = new Set(keys)
    },
    closeSnapshot() {
      if (!named) return
      for (const key of staged.keys()) if (!named.has(key)) staged.delete(key)
      stageRemovalOfOthers(named)
      named = undefined
    },
    publish() {
      if (isCleared) stageRemovalOfOthers(staged)
      const changes: TableChange[] = []
      for (const [key, incoming] of staged) {
        if (incoming) {
          const { row, input, version } = incoming
          published.set(key, incoming)
          changes.push({ key, row, input, version })
        } else if (published.delete(key)) changes.push({ key, row: undefined })
      }
      staged = new Map()
      isCleared = false
      return changes
    },
  }
}
