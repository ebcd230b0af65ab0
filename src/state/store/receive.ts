import { StreamError } from '../../core/errors.ts'
import { advance, applies, initialConfirmed } from './confirmed.ts'
import type { LogItem } from './entry.ts'
import { type Pending, replay, type Replica, type Rules } from './replica.ts'

/** Folds what the stream brought, and forgets the pending writes that are in it. */
export function receive<State, Action>(
  { confirmed, pending }: Replica<State, Action>,
  rules: Rules<State, Action>,
  items: readonly LogItem<Action>[],
): Replica<State, Action> {
  for (const item of items) {
    if (item.kind === 'invalid') {
      rules.onSkipped?.(item.error)
      continue
    }
    const { txid } = item
    const isReset = item.kind === 'reset'
    const own = txid === undefined ? -1 : pending.findIndex(({ txids }) => txids.includes(txid))
    const mine = pending[own]
    const isPresent = mine?.txid === txid
    if (isReset || applies(confirmed, item)) {
      confirmed = isReset
        ? initialConfirmed(rules.initialState, confirmed.untagged, txid)
        : advance(confirmed, item, reduce(isPresent && mine ? mine : item, confirmed.state, rules))
      rules.onApplied?.(txid)
      // A value that was to be computed before it is overwritten by it, as its writer meant it; what
      // another tab left, a tab that is gone knew nothing of.
      const isOverwritten = ({ compute, by }: Pending<State, Action>, index: number): boolean =>
        index < own && (isReset || rules.kind !== 'action') && !!compute && (mine?.by ?? by) === by
      if (mine) {
        pending = pending.filter((write, index) => index !== own && !isOverwritten(write, index))
      }
    } else if (mine && isPresent) {
      // Skipped for good: whatever the version is now, it has to be computed again. Its txid stays,
      // as the very same request may come once more when the server loses the stream.
      pending = pending.map((write) => (write === mine ? { ...mine, base: undefined } : write))
    }
  }
  return { confirmed, pending }
}

/** A reducer that throws skips the entry: one bad event never stops a stream. */
function reduce<State, Action>(
  entry: { action: Action },
  state: State,
  rules: Rules<State, Action>,
): State {
  try {
    return replay(entry, state, rules)
  } catch (cause) {
    const text = JSON.stringify(entry.action).slice(0, 120)
    const message = `The reducer threw on ${text}: ${String(cause)}`
    rules.onSkipped?.(new StreamError('invalid', message, { cause }))
    return state
  }
}
