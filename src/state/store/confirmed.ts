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

/**
 * @param untagged goes on after a reset: no version but the first ever comes twice.
 * @param version after a reset that has a txid, that.
 */
export function initialConfirmed<State>(
  state: State,
  untagged = 0,
  version: string = INITIAL_VERSION,
): Confirmed<State> {
  return { state, version, untagged }
}

/** Whether an entry counts: a conditional one does only on top of the version it names. */
export function applies(confirmed: Confirmed<unknown>, { base }: Entry<unknown>): boolean {
  return base === undefined || base === confirmed.version
}

/**
 * The next confirmed state, after an entry that applies and gave `state`. Versions hang on the
 * stream alone, so that readers agree on them whatever their reducers do.
 */
export function advance<State>(
  { untagged }: Confirmed<unknown>,
  { txid }: Entry<unknown>,
  state: State,
): Confirmed<State> {
  return txid === undefined
    ? { state, version: `untagged-${++untagged}`, untagged }
    : { state, version: txid, untagged }
}
