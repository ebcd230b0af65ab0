import type { Producer } from '../../core/post.ts'
import type { Confirmed } from './confirmed.ts'

/** Where a store had read to, and what a conditional entry would have to name there. */
export interface Position extends Omit<Confirmed<never>, 'state'> {
  offset: string
}

/** A pending write, as it is kept. */
export interface KeptWrite<Action = unknown> {
  txid: string
  txids: readonly string[]
  action: Action
  isReset?: true | undefined
  /** Empty for one that was to be computed again before it was sent. */
  base?: string | undefined
  /** The stream does not hold it before this place. */
  at: Position
  /** The journal of the tab that made it, where another one has taken it over since. */
  by?: string | undefined
  /** The request that it goes in; without one it was never sent. */
  request?: Producer | undefined
}

/** @returns nothing for what was written by nobody we know. */
export function parseWrites<Action>(records: readonly string[]): KeptWrite<Action>[] {
  return records.flatMap((text) => {
    try {
      const write = JSON.parse(text) as KeptWrite<Action>
      return Array.isArray(write.txids) && typeof write.at.offset === 'string' ? [write] : []
    } catch {
      return []
    }
  })
}
