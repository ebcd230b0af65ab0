import { getActiveTransaction, type Transaction } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import { randomId } from '../../core/random-id.ts'
import type { ChangeEvent } from '../events.ts'
import { adopt, settle, touch } from './optimistic.ts'
import {
  type Change,
  type Head,
  idOf,
  type Mutation,
  replay,
  type ReplayOptions,
  type Step,
  type Target,
} from './replay.ts'

/** Makes the call that `step` stands for. */
export type Recorder = (step: Step, call: () => Transaction) => Transaction

/** Sends what a transaction of TanStack DB wrote, as one append. Settles with it. */
export type WriteTransaction = (params: {
  transaction: Omit<Transaction<any>, 'mutations'>
}) => Promise<unknown>

/** A transaction under way. */
interface Write {
  transaction: Transaction
  steps: readonly Step[]
  /** Of the present try. */
  txid: string
  changes: ReadonlyMap<string, Change>
  events: readonly ChangeEvent[]
  /** Why the present try was refused. */
  cause: unknown
}

export interface WritesOptions {
  targets: ReadonlyMap<unknown, Target>
  /** Writes the events of a transaction, as one; rejects when they will not come back. */
  append: (events: readonly ChangeEvent[], txid: string) => Promise<void>
  /** Called when writes were refused: {@link Writes.rebase} is due. */
  onRefused: () => void
}

/** What became of writes, and does not show yet. */
export interface Rebased {
  /** With the reason for those that failed. */
  settled: ReadonlyMap<Transaction, unknown>
  /** Still under way, on newer rows. */
  moved: readonly Transaction[]
  /** Sends the latter again. */
  send: () => void
}

/**
 * Own writes under way, in order. An update names the version of its row as its base. Once another
 * version has come its event can never apply, for any reader: it is made again on the row as it is
 * now, and sent under a new txid, until it has applied; so is what was computed from it.
 */
export interface Writes {
  record: Recorder
  mutationFn: WriteTransaction
  /**
   * To be called when confirmed rows have changed, before that shows.
   *
   * @param seen txids that came with them, and why their events are skipped.
   */
  rebase: (seen: ReadonlyMap<string, StreamError | undefined>) => Rebased
}

export function createWrites({ targets, append, onRefused }: WritesOptions): Writes {
  const writes = new Set<Write>()
  const stepsOf = new WeakMap<Transaction, Step[]>()
  const submitted = new WeakSet<Transaction>()
  let heads = new Map<string, Head>()
  /** The call that is being made, outside of a transaction. */
  let current: Step | undefined
  let isRefusing = false

  const headOf = (id: string, { table }: Target, key: string): Head | undefined =>
    heads.get(id) ?? table.published.get(key)

  const isStale = ({ changes }: Write): boolean =>
    [...changes].some(
      ([id, { target, key, base }]) =>
        base !== undefined && base !== String(headOf(id, target, key)?.version),
    )

  function lead({ changes, txid }: Write): void {
    for (const [id, { row, isChanged }] of changes) {
      if (isChanged) heads.set(id, { row, version: txid })
    }
  }

  /** Makes the events of the next try. */
  function compute(write: Write, shown: ReplayOptions['shown']): void {
    const mutations = new Map<string, Mutation>()
    for (const mutation of write.transaction.mutations) {
      mutations.set(idOf(targets.get(mutation.collection)!, mutation.key), mutation)
    }
    const { steps } = write
    const txid = randomId()
    const changes = replay({ steps, mutations, targets, headOf, shown })
    // What may be skipped comes first, so that readers skip what follows.
    const inOrder = [...changes].toSorted(([, a], [, b]) => Number(!a.base) - Number(!b.base))
    const events = inOrder.flatMap(([id, { target, key, row, base, isChanged }]) => {
      if (!isChanged) return []
      const operation = mutations.get(id)?.type === 'insert' ? 'insert' : 'update'
      return target.toEvent(operation, key, row, base ? { txid, base } : { txid })
    })
    Object.assign(write, { txid, changes, events })
    lead(write)
    if (shown !== 'nothing') return
    for (const [id, mutation] of mutations)
      mutation.modified = changes.get(id)?.row ?? mutation.modified
  }

  function send(write: Write): void {
    const { txid, events } = write
    append(events, txid).catch((cause: unknown) => {
      if (write.txid !== txid || !writes.has(write)) return
      write.cause = cause ?? 'refused'
      if (isRefusing) return
      isRefusing = true
      // Writes that shared a request are refused in the same turn.
      queueMicrotask(() => {
        isRefusing = false
        onRefused()
      })
    })
  }

  function submit(transaction: Transaction): void {
    adopt(transaction)
    if (submitted.has(transaction)) return
    submitted.add(transaction)
    try {
      const foreign = transaction.mutations.find(({ collection }) => !targets.has(collection))
      if (foreign)
        throw invalid(`"${foreign.collection.id}" is of another database, and so another stream`)
      const recorded = stepsOf.get(transaction)
      const steps = recorded ?? [current!]
      const write = {
        transaction,
        steps,
        txid: '',
        changes: new Map(),
        events: [],
        cause: undefined,
      }
      compute(write, recorded ? 'before' : 'after')
      if (write.events.length > 0) {
        writes.add(write)
        return send(write)
      }
      settle(transaction)
    } catch (error) {
      settle(transaction, error)
    }
    touch([transaction])
  }

  const mutationFn: WriteTransaction = ({ transaction }) => {
    submit(transaction as Transaction)
    return transaction.isPersisted.promise
  }

  return {
    mutationFn,
    record(step, call) {
      const ambient = getActiveTransaction()
      if (!ambient) {
        const outer = current
        current = step
        try {
          return call()
        } finally {
          current = outer
        }
      }
      if (submitted.has(ambient)) throw invalid('it is committed already: begin another one')
      const transaction = call()
      const steps = stepsOf.get(ambient)
      if (steps) steps.push(step)
      else stepsOf.set(ambient, [step])
      if (!steps && ambient.mutationFn === mutationFn) {
        const { commit } = ambient
        // TanStack DB keeps the failure of a transaction that it does not settle from who commits it.
        ambient.commit = () => commit.call(ambient).then(() => ambient.isPersisted.promise)
      }
      return transaction
    },
    rebase(seen) {
      const settled = new Map<Transaction, unknown>()
      const moved: Write[] = []
      heads = new Map()
      for (const write of writes) {
        const { transaction, txid } = write
        // Taken back by its user.
        if (transaction.state !== 'pending') {
          writes.delete(write)
          continue
        }
        let cause = write.cause ?? seen.get(txid)
        let isSettled = seen.has(txid) || cause !== undefined
        if (write.cause === undefined && (isSuperseded(cause) || (!isSettled && isStale(write)))) {
          try {
            compute(write, 'nothing')
            isSettled = write.events.length === 0
            cause = undefined
            if (!isSettled) moved.push(write)
          } catch (error) {
            cause = error ?? 'refused'
            isSettled = true
          }
        } else if (!isSettled) lead(write)
        if (isSettled) {
          writes.delete(write)
          settled.set(transaction, cause)
        }
      }
      return {
        settled,
        moved: moved.map(({ transaction }) => transaction),
        send: () => moved.forEach(send),
      }
    },
  }
}

function isSuperseded(cause: unknown): boolean {
  return (cause as StreamError | undefined)?.code === 'conflict'
}

function invalid(why: string): StreamError {
  return new StreamError('invalid', `A transaction is one append to one stream, and ${why}`)
}
