import type { Row } from '../row.ts'

/** What has to be done to the published rows of one type: a row stored, or gone. */
export interface TableChange {
  key: string
  row: Row | undefined
}

/**
 * The confirmed rows of one type: those published, and what has come in since. Many events on one
 * key add up to one change, so that publishing costs by the keys, not by the length of the history.
 */
export interface Table {
  readonly published: ReadonlyMap<string, Row>
  /** How many keys have come in since the last {@link publish}. */
  readonly stagedCount: number
  put: (key: string, row: Row) => void
  remove: (key: string) => void
  /** Every row goes, staged or published. */
  clear: () => void
  /** From here on, keys that are named are those of the snapshot. */
  openSnapshot: () => void
  /** Rows that the snapshot did not name go. */
  closeSnapshot: () => void
  /** Makes the staged rows the published ones, and says what that changes. */
  publish: () => TableChange[]
}

export function createTable(): Table {
  const published = new Map<string, Row>()
  let staged = new Map<string, Row | undefined>()
  let isCleared = false
  let named: Set<string> | undefined

  function stage(key: string, row: Row | undefined): void {
    staged.set(key, row)
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
    put: stage,
    remove: (key) => stage(key, undefined),
    clear() {
      staged.clear()
      isCleared = true
    },
    openSnapshot() {
      named = new Set()
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
      for (const [key, row] of staged) {
        if (row) published.set(key, row)
        else if (!published.delete(key)) continue
        changes.push({ key, row })
      }
      staged = new Map()
      isCleared = false
      return changes
    },
  }
}
