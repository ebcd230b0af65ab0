import { StreamError } from '../../core/errors.ts'
import { BEGINNING } from '../../core/protocol.ts'
import { findStored } from './find-stored.ts'
import type { KeptStore } from './keeper.ts'
import type { Ledger } from './outbox-ledger.ts'
import type { KeptWrite, Position } from './outbox-record.ts'
import type { Pending } from './replica.ts'

/** Takes over writes of tabs that are gone. */
export interface Orphanage<Action> {
  /** Before the stream is read: they are shown at once. @returns whether they are kept. */
  take: (writes: readonly KeptWrite<Action>[]) => Promise<boolean>
  /** While it is read: the stream is looked through for them first. @returns whether they are kept. */
  takeLive: (writes: readonly KeptWrite<Action>[]) => Promise<boolean>
  /** Drops those that the stream holds before the place from where the store is about to read it. */
  dropStored: () => Promise<void>
  /** Told of writes that were refused: whoever tries again means their value. */
  refused: (txids: Iterable<string>) => void
}

export function createOrphanage<State, Action>(
  store: KeptStore<State, Action>,
  ledger: Ledger,
  signal: AbortSignal,
): Orphanage<Action> {
  /** Conditional ones, for whose function the kept value has to do from now on. */
  const decided = new Set<string>()
  /** Those that the stream may hold before what is read of it. */
  let doubtful: readonly KeptWrite<Action>[] = []

  function adopt(write: KeptWrite<Action>): Pending<State, Action> {
    const { at, request, ...kept } = write
    ledger.note(kept.txid, { at, request })
    const compute = kept.base === undefined ? undefined : (): Action => decide(write, decided)
    return { ...kept, compute, delivery: 'waiting' }
  }

  function unknown(writes: readonly KeptWrite<Action>[]): KeptWrite<Action>[] {
    const known = new Set(store.look().pending.flatMap(({ txids }) => txids))
    return writes.filter(({ txid }) => !known.has(txid))
  }

  function drop(stored: ReadonlySet<string>): void {
    const left = store.look().pending.filter(({ txids }) => !txids.some((txid) => stored.has(txid)))
    if (left.length < store.look().pending.length) store.put({ pending: left })
  }

  /** @returns the txids that the stream holds, and its end. */
  async function find(
    writes: readonly KeptWrite<Action>[],
    isShown: boolean,
  ): Promise<{ stored: Set<string>; end: Position | undefined }> {
    const places = new Map(writes.map(({ at }) => [at.offset, at]))
    const all = new Set<string>()
    let last: Position | undefined
    for (const at of places.values()) {
      const { stored, end } = await findStored(store, at, { signal, isShown })
      for (const txid of stored) all.add(txid)
      last = end
    }
    return { stored: all, end: last }
  }

  return {
    take(writes) {
      const adopted = unknown(writes)
      doubtful = [...doubtful, ...adopted]
      store.put({ pending: [...adopted.map(adopt), ...store.look().pending] })
      return ledger.save()
    },
    async takeLive(writes) {
      const { stored, end } = await find(writes, false)
      const left = unknown(writes).filter(({ txids }) => !txids.some((txid) => stored.has(txid)))
      store.put({ pending: [...store.look().pending, ...left.map(adopt)] })
      const isKept = await ledger.save()
      // What came between that reading and now, nobody has looked at.
      if (end) drop((await findStored(store, end, { signal, isShown: false })).stored)
      return isKept
    },
    async dropStored() {
      const { offset } = store.look()
      const before = doubtful.filter(({ at }) => offset !== BEGINNING && at.offset !== offset)
      drop((await find(before, true)).stored)
      doubtful = []
    },
    refused: (txids) => {
      for (const txid of txids) decided.add(txid)
    },
  }
}

/** Gives the value of a conditional write whose function is lost, to one who has been told of that. */
function decide<Action>({ txid, action }: KeptWrite<Action>, decided: Set<string>): Action {
  if (decided.has(txid)) return action
  decided.add(txid)
  throw new StreamError(
    'conflict',
    'Another write came before one that was made on an earlier visit: retry it to make it all the same',
  )
}
