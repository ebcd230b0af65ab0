import { asStreamError } from '../../core/errors.ts'
import type { Confirmed } from './confirmed.ts'
import { type Pending, type Problem, type Replica, type Rules, type Step } from './replica.ts'

/**
 * Replays pending writes on a confirmed state. A conditional one whose base is no longer what comes
 * before it can never apply, for any reader: it is computed again, under a new txid.
 */
export function rebase<State, Action>(
  confirmed: Confirmed<State>,
  writes: readonly Pending<State, Action>[],
  rules: Rules<State, Action>,
): Step<State, Action> {
  const problems: Problem<State, Action>[] = []
  const pending: Pending<State, Action>[] = []
  const replayed: State[] = []
  let { state, version } = confirmed

  for (const entry of writes) {
    try {
      const current = recompute(entry, state, version, rules)
      if (!current) continue
      state = replay(state, current.action, rules)
      version = current.txid
      pending.push(current)
      replayed.push(state)
    } catch (cause) {
      problems.push({ entry, error: asStreamError(cause, 'The update of the new value') })
    }
  }
  return { replica: { confirmed, pending, replayed }, problems }
}

/** Takes back writes that the server refused; what was computed from them is computed again. */
export function withdraw<State, Action>(
  { confirmed, pending }: Replica<State, Action>,
  rules: Rules<State, Action>,
  txids: ReadonlySet<string>,
): Step<State, Action> {
  const left = pending.filter(({ txid }) => !txids.has(txid))
  return rebase(confirmed, left, rules)
}

/** A write on which the reducer throws now shows nothing; the stream decides when it comes. */
export function replay<State, Action>(
  state: State,
  action: Action,
  { reducer }: Rules<State, Action>,
): State {
  try {
    return reducer(state, action)
  } catch {
    return state
  }
}

/**
 * The write as it stands on `state`; nothing when it would change nothing any more.
 *
 * @throws what its function throws.
 */
function recompute<State, Action>(
  entry: Pending<State, Action>,
  state: State,
  base: string,
  { createTxid, kind, isBehind }: Rules<State, Action>,
): Pending<State, Action> | undefined {
  const { compute, txids } = entry
  if (!compute || entry.base === base || isBehind) return entry
  const action = compute(state)
  if (kind !== 'action' && Object.is(action, state)) return undefined
  const txid = createTxid()
  return { ...entry, txid, txids: [txid, ...txids], action, base, delivery: 'waiting' }
}
