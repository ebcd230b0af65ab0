import { StreamError } from '../../core/errors.ts'
import { type Confirmed, initialConfirmed } from './confirmed.ts'
import { deliver, type Pending, type Replica, type Rules, type Step } from './replica.ts'

/**
 * Replays pending writes on a confirmed state. A conditional one whose base is no longer what comes
 * before it can never apply, for any reader: it is computed again, under a new txid.
 */
export function rebase<State, Action>(
  confirmed: Confirmed<State>,
  writes: readonly Pending<State, Action>[],
  rules: Rules<State, Action>,
): Step<State, Action> {
  const problems: StreamError[] = []
  const pending: Pending<State, Action>[] = []
  const replayed: State[] = []
  let { state, version } = confirmed

  for (const entry of writes) {
    const current = recompute(entry, { state, version }, rules, problems)
    if (!current) continue
    state = replay(state, current.action, rules)
    version = current.txid
    pending.push(current)
    replayed.push(state)
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

/** The server lost the stream: nothing is confirmed, and what it had stored is lost. */
export function restart<State, Action>(
  replica: Replica<State, Action>,
  rules: Rules<State, Action>,
): Step<State, Action> {
  const { pending } = deliver(replica, { from: 'stored', to: 'lost' })
  return rebase(initialConfirmed(rules.initialState), pending, rules)
}

/** A write on which the reducer throws now shows nothing; the stream decides when it comes. */
export function replay<State, Action>(
  state: State,
  action: Action,
  rules: Rules<State, Action>,
): State {
  try {
    return rules.reducer(state, action)
  } catch {
    return state
  }
}

/** The write as it stands on `before`; nothing when it would change nothing any more. */
function recompute<State, Action>(
  entry: Pending<State, Action>,
  before: { state: State; version: string },
  { createTxid }: Rules<State, Action>,
  problems: StreamError[],
): Pending<State, Action> | undefined {
  if (!entry.compute || entry.base === before.version) return entry
  try {
    const action = entry.compute(before.state)
    if (Object.is(action, before.state)) return undefined
    const txid = createTxid()
    const txids = [txid, ...entry.txids]
    return { ...entry, txid, txids, action, base: before.version, delivery: 'waiting' }
  } catch (cause) {
    const message = `A change cannot be computed from the new value: ${String(cause)}`
    problems.push(new StreamError('invalid', message, { cause }))
    return undefined
  }
}
