import { getActiveTransaction, type Transaction } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import type { Step } from './replay.ts'

/** Makes the call that `step` stands for. */
export type Record = (step: Step, call: () => Transaction) => Transaction

/** Remembers of each transaction the calls that it consists of. */
export interface Recorder {
  record: Record
  /** Calls made in a transaction of its user's, or the one that has just begun its own. */
  stepsOf: (transaction: Transaction) => readonly Step[]
  /** Whether it is a transaction of its user's. */
  isRecorded: (transaction: Transaction) => boolean
  /** @returns whether it is closed for the first time: from then on it takes no more calls. */
  close: (transaction: Transaction) => boolean
}

/** @param isOurs whether it is by us that a transaction will be settled. */
export function createRecorder(isOurs: (transaction: Transaction) => boolean): Recorder {
  const recorded = new WeakMap<Transaction, Step[]>()
  const closed = new WeakSet<Transaction>()
  /** The call that is being made, outside of a transaction. */
  let current: Step | undefined

  function recordAlone(step: Step, call: () => Transaction): Transaction {
    const outer = current
    current = step
    try {
      return call()
    } finally {
      current = outer
    }
  }

  return {
    record(step, call) {
      const ambient = getActiveTransaction()
      if (!ambient) return recordAlone(step, call)
      if (closed.has(ambient)) {
        throw new StreamError('invalid', 'The transaction is committed already: begin another one')
      }
      call()
      const steps = recorded.get(ambient)
      recorded.set(ambient, [...(steps ?? []), step])
      if (steps || !isOurs(ambient)) return ambient
      const { commit } = ambient
      // TanStack DB keeps the failure of a transaction that it does not settle from who commits it.
      ambient.commit = () => commit.call(ambient).then(() => ambient.isPersisted.promise)
      return ambient
    },
    stepsOf: (transaction) => recorded.get(transaction) ?? [current!],
    isRecorded: (transaction) => recorded.has(transaction),
    close(transaction) {
      const isFirst = !closed.has(transaction)
      closed.add(transaction)
      return isFirst
    },
  }
}
