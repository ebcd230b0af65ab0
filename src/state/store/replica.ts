import { asStreamError, type StreamError } from '../../core/errors.ts'
import { type Confirmed, initialConfirmed, type Reducer } from './confirmed.ts'
import type { StoreKind, StoreWrite } from './entry.ts'

/**
 * Where a write of our own is:
 *
 *   waiting ──▶ sent ──▶ stored ──▶ seen in the stream, and gone from the list
 *      ▲          │        ▼
 *      └──────────┴────── lost: a read that began when it was stored has not brought it yet
 */
export type Delivery = 'waiting' | 'sent' | 'stored' | 'lost'

/** A write of our own that has not been seen in the stream yet. */
export interface Pending<State, Action> extends StoreWrite<Action> {
  /** This txid, and those of earlier tries that may still be on their way. */
  txids: readonly string[]
  /** Computes the action from the state before it; `base` then names the version of that state. */
  compute?: ((state: State) => Action) | undefined
  delivery: Delivery
  /** Names the tab that made it, where that is gone. */
  by?: string | undefined
  /** What it made of which state, so that the same state makes the same, and not an equal one. */
  step?: { from: State; to: State } | undefined
}

/** One reader's copy of a shared state: what is shown is `pending` replayed on `confirmed`. */
export interface Replica<State, Action> {
  confirmed: Confirmed<State>
  pending: readonly Pending<State, Action>[]
}

export interface Rules<State, Action> {
  reducer: Reducer<State, Action>
  initialState: State
  /** Makes the txid of a write. */
  createTxid: () => string
  /** Default: a single value. */
  kind?: StoreKind
  /** Told of what the stream holds, and is no entry, or none that the reducer can take. */
  onSkipped?: (error: StreamError) => void
  /** Told of a write that cannot be computed again. */
  onFailed?: (write: Pending<State, Action>, error: StreamError) => void
  /** Told of the txid of every entry that applies. */
  onApplied?: (txid: string | undefined) => void
}

export function createReplica<State, Action>(initialState: State): Replica<State, Action> {
  return { confirmed: initialConfirmed(initialState), pending: [] }
}

/** The state after a write, or an entry. @throws what the reducer throws. */
export function replay<State, Action>(
  { action, step, isReset }: Pick<Pending<State, Action>, 'action' | 'step' | 'isReset'>,
  state: State,
  { reducer, initialState }: Pick<Rules<State, Action>, 'reducer' | 'initialState'>,
): State {
  if (isReset) return initialState
  return step && Object.is(step.from, state) ? step.to : reducer(state, action)
}

/**
 * Replays pending writes on the confirmed state. A conditional one whose base is no longer what
 * comes before it can never apply, for any reader: it is computed again, under a new txid.
 */
export function rebase<State, Action>(
  { confirmed, pending }: Replica<State, Action>,
  rules: Rules<State, Action>,
): Replica<State, Action> {
  const rebased: Pending<State, Action>[] = []
  let { state, version } = confirmed

  for (const write of pending) {
    try {
      const current = recompute(write, state, version, rules)
      if (!current) continue
      version = current.txid
      const step = stepFrom(state, current, rules)
      rebased.push({ ...current, step })
      if (step) state = step.to
    } catch (cause) {
      rules.onFailed?.(write, asStreamError(cause, 'The update of the new value'))
    }
  }
  return { confirmed, pending: rebased }
}

/** A write on which the reducer throws now shows nothing; the stream decides when it comes. */
function stepFrom<State, Action>(
  from: State,
  write: Pending<State, Action>,
  rules: Rules<State, Action>,
): Pending<State, Action>['step'] {
  try {
    return { from, to: replay(write, from, rules) }
  } catch {
    return undefined
  }
}

/**
 * The write as it stands on `state`; nothing when it would change nothing any more.
 *
 * @throws what its function throws.
 */
function recompute<State, Action>(
  write: Pending<State, Action>,
  state: State,
  base: string,
  { createTxid, kind }: Rules<State, Action>,
): Pending<State, Action> | undefined {
  const { compute, txids } = write
  if (!compute || write.base === base) return write
  const action = compute(state)
  if (kind !== 'action' && Object.is(action, state)) return undefined
  const txid = createTxid()
  return { txid, txids: [txid, ...txids], action, compute, base, delivery: 'waiting' }
}

/** What pending writes make of `from`. Those on which the reducer throws now show nothing. */
export function replayAll<State, Action>(
  pending: readonly Pending<State, Action>[],
  from: State,
  rules: Rules<State, Action>,
): State {
  return pending.reduce((state, write) => {
    const step = stepFrom(state, write, rules)
    return step ? step.to : state
  }, from)
}
