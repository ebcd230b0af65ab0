import { createTransaction, type Transaction } from '@tanstack/db'
import { guarded } from '../report-error.ts'

/**
 * Takes a transaction over from TanStack DB, to be ended by {@link settle}.
 *
 * While one is `persisting`, all that comes in for its collections is held back, unrelated rows too.
 * So it stays `pending` until it is settled: rows of others keep flowing under the optimistic ones, a
 * batch is never torn between a collection that is held and one that is not, and waiting for the own
 * rows cannot deadlock.
 */
export function adopt(transaction: Transaction): void {
  if (transaction.state === 'persisting') transaction.setState('pending')
  // Who wants to know awaits it; nobody has to.
  transaction.isPersisted.promise.catch(() => {})
}

/**
 * Ends a transaction as done, or as failed where there is a `cause`. What it wrote shows until its
 * collections are touched. Later writes to the same rows stand for themselves: TanStack DB would take
 * them along.
 */
export function settle(transaction: Transaction, cause?: unknown): void {
  if (transaction.state !== 'pending') return
  if (cause === undefined) {
    transaction.setState('completed')
    transaction.isPersisted.resolve(transaction)
    return
  }
  const error = cause instanceof Error ? cause : new Error(String(cause), { cause })
  transaction.error = { message: error.message, error }
  transaction.setState('failed')
  transaction.isPersisted.reject(error)
}

/** What listeners throw is no matter of the write. */
export const touch: (transaction: Transaction) => void = guarded((transaction) =>
  transaction.touchCollection(),
)

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
  adopt(transaction)
  try {
    transaction.mutate(mutate)
    const result = await work(transaction)
    settle(transaction)
    return result
  } catch (error) {
    settle(transaction, error)
    throw error
  } finally {
    touch(transaction)
  }
}
