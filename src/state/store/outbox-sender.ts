import { SequenceGapError } from '../../core/append-error.ts'
import { StreamError } from '../../core/errors.ts'
import type { Producer } from '../../core/post.ts'
import { randomId } from '../../core/random-id.ts'
import { toEvent } from './entry.ts'
import type { KeptStore } from './keeper.ts'
import type { Ledger } from './outbox-ledger.ts'
import type { Pending } from './replica.ts'

interface Queued<State, Action> {
  write: Pending<State, Action>
  resolve: () => void
  reject: (error: unknown) => void
}

/** A request takes so many writes that were in none yet. */
const MAX_WRITES = 500

/**
 * Sends writes in order, one request at a time, each kept under its number before it is sent: after
 * a reload it is the same request, and the server knows it. Protocol section 4.
 */
export function createSender<State, Action>(
  store: KeptStore<State, Action>,
  ledger: Ledger,
): (write: Pending<State, Action>) => Promise<void> {
  const queue: Queued<State, Action>[] = []
  let isSending = false
  let producer = newProducer()

  async function drain(): Promise<void> {
    while (queue.length > 0) await send(queue.splice(0, countOfRequest()))
    isSending = false
  }

  /** How many of the next ones go together: those that did, or some that were never sent. */
  function countOfRequest(): number {
    const requests = queue.map(({ write }) => ledger.noteOf(write.txid).request)
    const [first] = requests
    const end = requests.findIndex(
      (request) => request?.id !== first?.id || request?.seq !== first?.seq,
    )
    const count = end < 0 ? queue.length : end
    return first ? count : Math.min(count, MAX_WRITES)
  }

  async function send(queued: readonly Queued<State, Action>[]): Promise<void> {
    const pending = new Set(store.look().pending.map(({ txid }) => txid))
    // What was computed again meanwhile comes later, under another txid.
    const current = queued.filter(({ write }) => pending.has(write.txid))
    const own = current[0] && ledger.noteOf(current[0].write.txid).request
    const request = own ?? { ...producer }
    try {
      if (current.length > 0) await post(current, request)
      if (!own && current.length > 0) producer.seq++
      for (const { resolve } of queued) resolve()
    } catch (error) {
      await sendOtherwise(queued, request, error)
    }
  }

  async function post(queued: readonly Queued<State, Action>[], request: Producer): Promise<void> {
    for (const { write } of queued)
      ledger.note(write.txid, { ...ledger.noteOf(write.txid), request })
    await ledger.save()
    const events = queued.map(({ write }) => toEvent(store.kind, write))
    const stream = store.openStream()
    await (stream.appendAs ? stream.appendAs(request, events) : stream.appendAll(events))
  }

  /** The request was refused: its writes go under other numbers, or not at all. */
  async function sendOtherwise(
    queued: readonly Queued<State, Action>[],
    { seq }: Producer,
    error: unknown,
  ): Promise<void> {
    producer = newProducer()
    for (const { write } of queued) ledger.note(write.txid, { at: ledger.noteOf(write.txid).at })
    const half = queued.length >> 1
    // All of the stream has been read without it, and the server knows nothing of it any more.
    if (error instanceof SequenceGapError && seq > 0) await send(queued)
    else if (half > 0 && isOfContent(error)) {
      await send(queued.slice(0, half))
      await send(queued.slice(half))
    } else for (const { reject } of queued) reject(error)
  }

  return (write) =>
    new Promise((resolve, reject) => {
      queue.push({ write, resolve, reject })
      if (isSending) return
      isSending = true
      // What is sent in the same turn goes in the same request.
      queueMicrotask(() => void drain())
    })
}

function newProducer(): Producer {
  return { id: randomId(), epoch: 0, seq: 0 }
}

/** One of them is to blame, and takes no neighbours along. */
function isOfContent(error: unknown): boolean {
  return error instanceof StreamError && ['too-large', 'bad-request'].includes(error.code)
}
