import type { StreamError } from '../../core/errors.ts'
import { type Confirmed, initialConfirmed, type Reducer } from './confirmed.ts'
import type { StoreKind } from './entry.ts'

/**
 * Where a write of our own is:
 *
 *   waiting ──▶ sent ──▶ stored ──▶ seen in the stream, and gone from the list
 *      ▲          │        ▼
 *      └──────────┴────── lost: a read that began when it was stored has not brought it yet
 */
export type Delivery = 'waiting' | 'sent' | 'stored' | 'lost'

/** A write of our own that has not been seen in the stream yet. */
export interface Pending<State, Action> {
  txid: string
  /** This txid, and those of earlier tries that may still be on their way. */
  txids: readonly string[]
  action: Action
  /** Computes the action from the state before it; `base` then names the version of that state. */
  compute?: ((state: State) => Action) | undefined
  base?: string | undefined
  delivery: Delivery
}

/** One reader's copy of a shared state: what is shown is `pending` replayed on `confirmed`. */
export interface Replica<State, Action> {
  confirmed: Confirmed<State>
  pending: readonly Pending<State, Action>[]
  /** The state after each pending write. */
  replayed: readonly State[]
}

export interface Rules<State, Action> {
  reducer: Reducer<State, Action>
  initialState: State
  /** Makes the txid of a write. */
  createTxid: () => string
  /** Default: a single value. */
  kind?: StoreKind
  /** While half of a history has been read, nothing is computed from it. */
  isBehind?: boolean
  /** Told of the txid of every entry that applies. */
  onApplied?: (txid: string | undefined) => void
}

/** What went wrong on the way: an entry was skipped, or a write of our own had to be given up. */
export interface Problem<State, Action> {
  error: StreamError
  entry?: Pending<State, Action>
}

/** What a transition leads to. */
export interface Step<State, Action> {
  replica: Replica<State, Action>
  problems: readonly Problem<State, Action>[]
}

export function createReplica<State, Action>(initialState: State): Replica<State, Action> {
  return { confirmed: initialConfirmed(initialState), pending: [], replayed: [] }
}

export function shownState<State, Action>({ confirmed, replayed }: Replica<State, Action>): State {
  return replayed.length > 0 ? replayed.at(-1)! : confirmed.state
}

/**
 * Adds a write, shown from now on. With `compute` it is conditional: it counts only on top of the
 * state that it was computed from, and is computed again when another writer came first.
 *
 * @throws what the reducer throws; nothing is added then.
 */
export function write<State, Action>(
  replica: Replica<State, Action>,
  { reducer, createTxid }: Rules<State, Action>,
  { action, compute }: Pick<Pending<State, Action>, 'action' | 'compute'>,
  shown: State = shownState(replica),
): Replica<State, Action> {
  const { confirmed, pending, replayed } = replica
  const state = reducer(shown, action)
  const txid = createTxid()
  // Computed from what only seems to be the state, it has to be computed again before it is sent.
  const isBased = compute && Object.is(shown, shownState(replica))
  const base = isBased ? (pending.at(-1)?.txid ?? confirmed.version) : undefined
  const added = { txid, txids: [txid], action, compute, base, delivery: 'waiting' } as const
  return { confirmed, pending: [...pending, added], replayed: [...replayed, state] }
}

/** Moves writes from one delivery to the next: those named, or all. */
export function deliver<State, Action>(
  replica: Replica<State, Action>,
  { from, to, txids }: { from: Delivery; to: Delivery; txids?: ReadonlySet<string> },
): Replica<State, Action> {
  const pending = replica.pending.map((entry) =>
    entry.delivery === from && (txids?.has(entry.txid) ?? true)
      ? { ...entry, delivery: to }
      : entry,
  )
  return { ...replica, pending }
}
