import { StreamError } from '../../core/errors.ts'
import { advance, applies, initialConfirmed } from './confirmed.ts'
import type { Entry, LogItem } from './entry.ts'
import { rebase } from './rebase.ts'
import type { Pending, Replica, Rules, Step } from './replica.ts'

/** A fold under way. */
interface Folding<State, Action> {
  confirmed: Replica<State, Action>['confirmed']
  pending: readonly Pending<State, Action>[]
  /** States after the pending writes: known as long as the stream brings just those, in order. */
  known: readonly State[] | undefined
  problems: StreamError[]
}

/** Folds what the stream brought, and replays on it what is still pending. */
export function receive<State, Action>(
  replica: Replica<State, Action>,
  rules: Rules<State, Action>,
  items: readonly LogItem<Action>[],
): Step<State, Action> {
  const { confirmed, pending, replayed } = replica
  const folding: Folding<State, Action> = { confirmed, pending, known: replayed, problems: [] }
  for (const item of items) {
    if (item.kind === 'entry') foldEntry(folding, rules, item)
    else if (item.kind === 'invalid') folding.problems.push(item.error)
    else {
      folding.confirmed = initialConfirmed(rules.initialState)
      folding.known = undefined
    }
  }
  const { known, problems } = folding
  if (known) {
    const { confirmed, pending } = folding
    return { replica: { confirmed, pending, replayed: known }, problems }
  }
  const step = rebase(folding.confirmed, folding.pending, rules)
  return { replica: step.replica, problems: [...problems, ...step.problems] }
}

function foldEntry<State, Action>(
  folding: Folding<State, Action>,
  rules: Rules<State, Action>,
  entry: Entry<Action>,
): void {
  const { pending, known } = folding
  const own = findOwn(pending, entry)
  const isApplied = applies(folding.confirmed, entry)

  if (isApplied && own === 0 && known && pending[0]!.txid === entry.txid) {
    folding.confirmed = advance(folding.confirmed, entry, known[0]!)
    folding.known = known.slice(1)
  } else if (isApplied) {
    folding.known = undefined
    reduceEntry(folding, rules, entry)
  } else if (own !== -1) {
    folding.known = undefined
  }
  if (own !== -1) folding.pending = withoutSeen(pending, own, entry.txid, isApplied)
}

/** A reducer that throws skips the entry: one bad event never stops a stream. */
function reduceEntry<State, Action>(
  folding: Folding<State, Action>,
  { reducer }: Rules<State, Action>,
  entry: Entry<Action>,
): void {
  const { confirmed, problems } = folding
  try {
    folding.confirmed = advance(confirmed, entry, reducer(confirmed.state, entry.action))
  } catch (cause) {
    const action = (JSON.stringify(entry.action) ?? '').slice(0, 120)
    problems.push(
      new StreamError('invalid', `The reducer threw on ${action}: ${String(cause)}`, { cause }),
    )
  }
}

function findOwn<State, Action>(
  pending: readonly Pending<State, Action>[],
  { txid }: Entry<Action>,
): number {
  if (txid === undefined || pending.length === 0) return -1
  return pending.findIndex(({ txids }) => txids.includes(txid))
}

function withoutSeen<State, Action>(
  pending: readonly Pending<State, Action>[],
  own: number,
  txid: string | undefined,
  isApplied: boolean,
): readonly Pending<State, Action>[] {
  if (isApplied) {
    // What was to be computed before it is overwritten by it, as its writer meant it.
    return pending.filter((entry, index) => index > own || (index < own && !entry.compute))
  }
  const seen = pending[own]!
  const txids = seen.txids.filter((id) => id !== txid)
  return pending.map((entry, index) => (index === own ? { ...seen, txids } : entry))
}
