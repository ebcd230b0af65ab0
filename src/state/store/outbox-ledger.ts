import type { Producer } from '../../core/post.ts'
import type { Journal } from '../persistence/persistence.ts'
import type { KeptStore } from './keeper.ts'
import type { KeptWrite, Position } from './outbox-record.ts'
import type { Pending } from './replica.ts'

/** What is known of a pending write besides itself. */
export interface Note {
  at: Position
  request?: Producer | undefined
  /** It is kept no more, although it is pending. */
  isRefused?: true
}

/** The pending writes of a store, in its journal. */
export interface Ledger {
  noteOf: (txid: string) => Note
  note: (txid: string, note: Note) => void
  /** @returns whether what is pending now is kept. */
  save: () => Promise<boolean>
  close: () => Promise<void>
}

export function createLedger<State, Action>(
  store: KeptStore<State, Action>,
  journal: Journal,
  onError: (cause: unknown) => void,
): Ledger {
  let notes = new Map<string, Note>()
  let kept = ''
  let last = Promise.resolve(true)
  let next: Promise<boolean> | undefined

  function noteOf(txid: string): Note {
    const { offset, confirmed } = store.look()
    const { version, untagged } = confirmed
    return notes.get(txid) ?? { at: { offset, version, untagged } }
  }

  function format(write: Pending<State, Action>): string {
    const { txid, txids, action, base, isReset, by, compute } = write
    const kept = { txid, txids, action, isReset, by, base: compute ? (base ?? '') : base }
    return JSON.stringify({ ...kept, ...noteOf(write.txid) } satisfies KeptWrite)
  }

  async function write(): Promise<boolean> {
    next = undefined
    const { pending } = store.look()
    notes = new Map(pending.map(({ txid }) => [txid, noteOf(txid)]))
    const records = pending.filter(({ txid }) => !noteOf(txid).isRefused).map(format)
    const text = records.join('\n')
    if (text !== kept) await journal.replace(records)
    kept = text
    return true
  }

  function save(): Promise<boolean> {
    // What changes until it begins is in it as well.
    next ??= last = last.then(write).catch((cause) => {
      onError(cause)
      return false
    })
    return next
  }

  return {
    noteOf,
    note: (txid, note) => void notes.set(txid, note),
    save,
    async close() {
      await save()
      await journal.close()
    },
  }
}
