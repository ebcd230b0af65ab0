import type { Transaction } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import { randomId } from '../../core/random-id.ts'
import type { ChangeEvent } from '../events.ts'
import { adopt, settle, touch } from './optimistic.ts'
import { createRecorder, type Record } from './recorder.ts'
import {
  type Change,
  type Head,
  type Mutation,
  replay,
  type ReplayOptions,
  type Step,
  type Target,
} from './replay.ts'

/** Sends what a transaction of TanStack DB wrote, as one append. Settles with it. */
export type WriteTransaction = (params: {
  transaction: Omit<Transaction<any>, 'mutations'>
}) => Promise<unknown>

/** Txids that came in, and why their events are skipped. */
export type Seen = ReadonlyMap<string, StreamError | undefined>

/** A transaction under way. */
interface Write {
  transaction: Transaction
  steps: readonly Step[]
  /** Of the present try. */
  txid: string
  changes: ReadonlyMap<string, Change>
  events: readonly ChangeEvent[]
  /** Why the present try was refused. */
  cause?: unknown
}

export interface WritesOptions {
  targets: ReadonlyMap<unknown, Target>
  /** Writes the events of a transaction, as one; rejects when they will not come back. */
  append: (events: readonly ChangeEvent[], txid: string) => Promise<void>
  /** Called when writes were refused: {@link Writes.rebase} is due. */
  onRefused: () => void
}

/** What became of writes. */
export interface Rebased {
  /** All that they did to rows that have now to be shown anew. */
  touched: readonly Mutation[]
  /** Sends those again that were made again. */
  send: () => void
}

/**
 * Own writes under way, in order. An update names the version of its row as its base. Once another
 * version has come its event can never apply, for any reader: it is made again on the row as it is
 * now, and sent under a new txid, until it has applied; so is what was computed from it.
 */
export interface Writes {
  record: Record
  mutationFn: WriteTransaction
  /**
   * To be called when confirmed rows have changed, before that shows.
   *
   * @param seen came with them.
   */
  rebase: (seen: Seen) => Rebased
}

export function createWrites({ targets, append, onRefused }: WritesOptions): Writes {
  const recorder = createRecorder((transaction) => transaction.mutationFn === mutationFn)
  const writes = new Set<Write>()
  let heads = new Map<string, Head>()
  let isRefusing = false

  const headOf: ReplayOptions['headOf'] = (id, { table }, key) =>
    heads.get(id) ?? table.published.get(key)

  function lead({ changes, txid }: Write): void {
    for (const [id, { row, isChanged }] of changes) {
      if (isChanged) heads.set(id, { row, version: txid })
    }
  }

  /** Makes the events of the next try. */
  function compute(write: Write, shown: ReplayOptions['shown']): void {
    const { steps, transaction } = write
    write.changes = replay({ steps, mutations: transaction.mutations, targets, headOf, shown })
    write.txid = randomId()
    write.events = eventsOf(write)
    lead(write)
    if (shown !== 'nothing') return
    for (const { mutation, row } of write.changes.values()) {
      if (mutation && row) mutation.modified = row
    }
  }

  function send(write: Write): void {
    const { txid, events } = write
    append(events, txid).catch((cause: unknown) => {
      if (write.txid !== txid || !writes.has(write)) return
      write.cause = cause ?? 'refused'
      // Writes that shared a request are refused in the same turn.
      if (!isRefusing) queueMicrotask(refuse)
      isRefusing = true
    })
  }

  function refuse(): void {
    isRefusing = false
    onRefused()
  }

  /** @returns whether it is over; nothing when it goes on as it is. */
  function advance(write: Write, seen: Seen): boolean | undefined {
    const { transaction, txid } = write
    // Taken back by its user.
    if (transaction.state !== 'pending') return true
    if (write.cause !== undefined) return true
    const error = seen.get(txid)
    if (error?.code !== 'conflict') {
      write.cause = error
      if (seen.has(txid)) return true
      if (!isStale(write, headOf)) return undefined
    }
    try {
      compute(write, 'nothing')
      return write.events.length === 0
    } catch (cause) {
      write.cause = cause ?? 'refused'
      return true
    }
  }

  const mutationFn: WriteTransaction = (params) => {
    const transaction = params.transaction as Transaction
    const settled = transaction.isPersisted.promise
    adopt(transaction)
    if (!recorder.close(transaction)) return settled
    try {
      checkCollections(transaction, targets)
      const write = { transaction, steps: recorder.stepsOf(transaction) } as Write
      compute(write, recorder.isRecorded(transaction) ? 'before' : 'after')
      if (write.events.length > 0) {
        writes.add(write)
        send(write)
        return settled
      }
      settle(transaction)
    } catch (error) {
      settle(transaction, error)
    }
    touch(transaction)
    return settled
  }

  return {
    mutationFn,
    record: recorder.record,
    rebase(seen) {
      const touched: Mutation[] = []
      const again: Write[] = []
      heads = new Map()
      for (const write of writes) {
        const { transaction } = write
        const isOver = advance(write, seen)
        if (isOver === undefined) {
          lead(write)
          continue
        }
        touched.push(...transaction.mutations)
        if (isOver) {
          writes.delete(write)
          settle(transaction, write.cause)
        } else again.push(write)
      }
      return { touched, send: () => again.forEach(send) }
    },
  }
}

/** What may be skipped comes first, so that readers skip what follows it. */
function eventsOf({ changes, txid }: Write): ChangeEvent[] {
  return [...changes.values()]
    .filter(({ isChanged }) => isChanged)
    .sort((one, two) => Number(!one.base) - Number(!two.base))
    .map(({ target, key, row, base, mutation }) => {
      const operation = mutation?.type === 'insert' ? 'insert' : 'update'
      return target.toEvent(operation, key, row, base ? { txid, base } : { txid })
    })
}

/** Whether one of its rows has moved on from where it was computed. */
function isStale({ changes }: Write, headOf: ReplayOptions['headOf']): boolean {
  return [...changes].some(
    ([id, { target, key, base }]) => base && base !== String(headOf(id, target, key)?.version),
  )
}

function checkCollections({ mutations }: Transaction, targets: ReadonlyMap<unknown, Target>): void {
  const foreign = mutations.find(({ collection }) => !targets.has(collection))
  if (!foreign) return
  throw new StreamError(
    'invalid',
    `A transaction is one append to one stream, and "${foreign.collection.id}" is of another`,
  )
}
