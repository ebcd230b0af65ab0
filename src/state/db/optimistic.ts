import { createTransaction, type Transaction } from '@tanstack/db'
import { ignorable } from '../deferred.ts'
import { reportError } from '../report-error.ts'

/**
 * Settles `transaction` when `work` does: drops its optimistic rows, on failure with everything
 * they stood for.
 *
 * While a transaction of TanStack DB is `persisting`, all that comes in for its collections is held
 * back, unrelated rows too. So it stays `pending` during the work: rows of others keep flowing under
 * the optimistic ones, a batch is never torn between a collection that is held and one that is not,
 * and waiting for the own rows cannot deadlock.
 */
export async function settleWith<Result>(
  transaction: Transaction,
  work: () => Promise<Result>,
): Promise<Result> {
  if (transaction.state === 'persisting') transaction.setState('pending')
  // Who wants to know awaits it; nobody has to.
  ignorable(transaction.isPersisted.promise)
  try {
    const result = await work()
    complete(transaction)
    return result
  } catch (error) {
    rollBack(transaction, error)
    throw error
  }
}

/**
 * Shows what `mutate` does to collections, at once and until `work` has settled.
 *
 * @throws what `mutate` throws, with nothing left of it on the screen.
 */
export async function runOptimistic<Result>(
  mutate: () => void,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
  return settleWith(transaction, () => {
    transaction.mutate(mutate)
    return work(transaction)
  })
}

/** What TanStack DB does once a `mutationFn` is through. */
function complete(transaction: Transaction): void {
  if (transaction.state !== 'pending') return
  transaction.setState('completed')
  try {
    transaction.touchCollection()
  } catch (error) {
    // Thrown by someone who listens to the collection. The write is through.
    reportError(error)
  }
  transaction.isPersisted.resolve(transaction)
}

function rollBack(transaction: Transaction, cause: unknown): void {
  if (transaction.state !== 'pending') return
  const error = cause instanceof Error ? cause : new Error(String(cause), { cause })
  transaction.error = { message: error.message, error }
  try {
    // A later write to the same row stands for itself: it is on its way, and may well succeed.
    transaction.rollback({ isSecondaryRollback: true })
  } catch (listenerError) {
    reportError(listenerError)
  }
}
