import { StreamError } from '../../core/errors.ts'
import { advance, applies, initialConfirmed } from './confirmed.ts'
import type { Entry, LogItem } from './entry.ts'
import { rebase } from './rebase.ts'
import type { Pending, Problem, Replica, Rules, Step } from './replica.ts'

/** Folds what the stream brought, and replays on it what is still pending. */
export function receive<State, Action>(
  replica: Replica<State, Action>,
  rules: Rules<State, Action>,
  items: readonly LogItem<Action>[],
): Step<State, Action> {
  const problems: Problem<State, Action>[] = []
  let { confirmed, pending } = replica
  /** States after the pending writes: known as long as the stream brings just those, in order. */
  let known: readonly State[] | undefined = replica.replayed

  /** A reducer that throws skips the entry: one bad event never stops a stream. */
  function reduce(action: Action): State {
    const { state } = confirmed
    try {
      return rules.reducer(state, action)
    } catch (cause) {
      const text = JSON.stringify(action).slice(0, 120)
      const message = `The reducer threw on ${text}: ${String(cause)}`
      problems.push({ error: new StreamError('invalid', message, { cause }) })
      return state
    }
  }

  function fold(entry: Entry<Action>): void {
    const { txid, action } = entry
    const own = findOwn(pending, txid)
    const isApplied = applies(confirmed, entry)
    // One that changes nothing may have thrown: it is reduced once more, and that is told.
    const isKnown =
      own === 0 && known && pending[0]!.txid === txid && !Object.is(known[0], confirmed.state)
    if (isApplied) {
      confirmed = advance(confirmed, entry, isKnown ? known![0]! : reduce(action))
      rules.onApplied?.(txid)
    }
    if (isApplied && isKnown) known = known!.slice(1)
    else if (isApplied || own >= 0) known = undefined
    if (own >= 0) pending = withoutSeen(pending, own, txid, isApplied, rules)
  }

  for (const item of items) {
    if (item.kind === 'entry') fold(item)
    else if (item.kind === 'invalid') problems.push(item)
    else {
      confirmed = initialConfirmed(rules.initialState, confirmed.untagged)
      known = undefined
    }
  }
  if (known) return { replica: { confirmed, pending, replayed: known }, problems }
  const step = rebase(confirmed, pending, rules)
  return { replica: step.replica, problems: [...problems, ...step.problems] }
}

function findOwn<State, Action>(
  pending: readonly Pending<State, Action>[],
  txid: string | undefined,
): number {
  return txid === undefined ? -1 : pending.findIndex(({ txids }) => txids.includes(txid))
}

function withoutSeen<State, Action>(
  pending: readonly Pending<State, Action>[],
  own: number,
  txid: string | undefined,
  isApplied: boolean,
  { kind }: Rules<State, Action>,
): readonly Pending<State, Action>[] {
  if (isApplied) {
    // A value that was to be computed before it is overwritten by it, as its writer meant it.
    return pending.filter(
      ({ compute }, index) => index > own || (index < own && (!compute || kind === 'action')),
    )
  }
  // Skipped for good: whatever the version is now, it has to be computed again. The old txid stays,
  // as the very same request may come once more when the server loses the stream.
  return pending.map((entry, index) =>
    index === own && entry.txid === txid ? { ...entry, base: undefined } : entry,
  )
}
