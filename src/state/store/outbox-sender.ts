import type { StreamError } from '../../core/errors.ts'
import { toEvent } from './entry.ts'
import type { KeptStore } from './keeper.ts'
import type { Ledger } from './outbox-ledger.ts'
import type { Pending } from './replica.ts'
import { deliveryAfter, sendWrites } from './send-writes.ts'
import { newProducer } from './store-stream.ts'

/** A request takes so many writes that were in none yet. */
const MAX_WRITES = 500

/**
 * Sends writes in order, one request at a time, each kept under its number before it is sent: after
 * a reload it is the same request, and the server knows it. Protocol section 4.
 */
export function createSender<State, Action>(
  store: KeptStore<State, Action>,
  ledger: Ledger,
): (writes: readonly Pending<State, Action>[]) => Promise<ReadonlyMap<string, StreamError>> {
  let producer = newProducer()

  /** How many of them go together: those that did, or some that were never sent. */
  function countOfRequest(writes: readonly Pending<State, Action>[]): number {
    const requests = writes.map(({ txid }) => ledger.noteOf(txid).request)
    const [first] = requests
    const end = requests.findIndex(
      (request) => request?.id !== first?.id || request?.seq !== first?.seq,
    )
    const count = end < 0 ? writes.length : end
    return first ? count : Math.min(count, MAX_WRITES)
  }

  async function post(
    all: readonly Pending<State, Action>[],
    refused: ReadonlyMap<string, StreamError>,
  ): Promise<void> {
    const pending = new Set(store.look().pending.map(({ txid }) => txid))
    // What was computed again meanwhile comes later, under another txid.
    const writes = all.filter(({ txid }) => pending.has(txid))
    if (writes.length === 0) return
    const own = ledger.noteOf(writes[0]!.txid).request
    const request = own ?? { ...producer }
    for (const { txid } of writes) ledger.note(txid, { ...ledger.noteOf(txid), request })
    // The next visit, which has not heard of it, must not send it after these.
    for (const [txid, error] of refused) {
      if (!deliveryAfter(error)) ledger.note(txid, { ...ledger.noteOf(txid), isRefused: true })
    }
    await ledger.save()
    const events = writes.map((write) => toEvent(store.kind, write))
    const stream = store.openStream()
    try {
      await (stream.appendAs ? stream.appendAs(request, events) : stream.appendAll(events))
      if (!own) producer.seq++
    } catch (error) {
      // Its number may be taken or not: what comes of it goes under another one.
      producer = newProducer()
      for (const { txid } of writes) ledger.note(txid, { at: ledger.noteOf(txid).at })
      throw error
    }
  }

  return async (writes) => {
    const refused = new Map<string, StreamError>()
    for (let left = writes; left.length > 0; ) {
      const count = countOfRequest(left)
      await sendWrites(left.slice(0, count), (some) => post(some, refused), refused)
      left = left.slice(count)
    }
    return refused
  }
}
