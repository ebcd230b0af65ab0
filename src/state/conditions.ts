import type { ChangeHeaders } from './events.ts'

/** Names the state of a row, the same for every reader: the txid that made it, or else a number. */
export type RowVersion = string | number

/** The rows of one type, as far as conditions need them. */
export interface ConditionalRows {
  get: (key: string) => { version: RowVersion } | undefined
  /** @returns what puts the row of `key` back to how it is now. */
  mark: (key: string) => () => void
}

/** Whether a change applies. To be asked of every change, in stream order. */
export type Conditions = (headers: ChangeHeaders, key: string, rows: ConditionalRows) => boolean

/**
 * The rule of `headers.base`: a change that names one was computed from that version of its row, and
 * applies only on top of it. Whoever came second is skipped, by every reader; its writer sees that
 * and computes it again.
 *
 * Changes of one txid that follow each other are one transaction, which applies as a whole: with one
 * that is skipped go those that have a base before it, and all after it.
 */
export function createConditions(): Conditions {
  let open: string | undefined
  let isVoid = false
  let undos: (() => void)[] = []

  return ({ txid, base }, key, rows) => {
    if (open !== undefined && txid !== open) open = undefined
    if (typeof base !== 'string') return open === undefined || !isVoid
    if (open === undefined) {
      open = txid
      isVoid = false
      undos = []
    }
    const row = isVoid ? undefined : rows.get(key)
    if (row && String(row.version) === base) {
      undos.push(rows.mark(key))
      return true
    }
    isVoid = true
    for (const undo of undos.reverse()) undo()
    undos = []
    return false
  }
}
