import type { Entry } from './entry.ts'

/** A pure function; it runs on every reader, again and again: no time, no chance, no effects. */
export type Reducer<State, Action> = (state: State, action: Action) => State

/** What the stream says, as far as it has been read. */
export interface Confirmed<State> {
  state: State
  /** Txid of the last entry that applied: what a conditional entry must name as its base. */
  version: string
  /** Entries that applied and had no txid; they are numbered, so that readers agree on a version. */
  untagged: number
}

export const INITIAL_VERSION = 'initial'

export function initialConfirmed<State>(state: State): Confirmed<State> {
  return { state, version: INITIAL_VERSION, untagged: 0 }
}

/** Whether an entry counts: a conditional one does only on top of the version it names. */
export function applies(confirmed: Confirmed<unknown>, { base }: Entry<unknown>): boolean {
  return base === undefined || base === confirmed.version
}

/** The next confirmed state, after an entry that applies and gave `state`. */
export function advance<State>(
  { untagged }: Confirmed<State>,
  { txid }: Entry<unknown>,
  state: State,
): Confirmed<State> {
  if (txid !== undefined) return { state, version: txid, untagged }
  return { state, version: `untagged-${untagged + 1}`, untagged: untagged + 1 }
}
