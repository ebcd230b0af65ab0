import { feed } from '../feed.ts'
import { advance, applies, type Confirmed, initialConfirmed } from './confirmed.ts'
import { parseItem } from './entry.ts'
import type { KeptStore } from './keeper.ts'
import type { Position } from './outbox-record.ts'

/**
 * Reads a stream from `from` to its end, without a reducer: versions hang on the stream alone.
 *
 * @returns the end, and the txids of all entries before it that apply.
 * @throws the reason of `signal`.
 */
export async function findStored<State, Action>(
  { openStream, kind, onStatus }: KeptStore<State, Action>,
  { offset, ...version }: Position,
  { signal, isShown }: { signal: AbortSignal; isShown: boolean },
): Promise<{ stored: ReadonlySet<string>; end: Position }> {
  const stored = new Set<string>()
  let confirmed: Confirmed<undefined> = { state: undefined, ...version }
  const batches = feed({
    stream: openStream(),
    offset,
    live: false,
    signal,
    onStatus: (status) => {
      if (isShown && (status.kind === 'offline' || status.kind === 'connecting')) onStatus(status)
    },
  })
  for await (const batch of batches) {
    if (batch.restart) confirmed = initialConfirmed(undefined)
    for (const json of batch.items) {
      const item = parseItem(kind, json)
      if (item.kind === 'invalid') continue
      if (item.kind === 'reset') {
        confirmed = initialConfirmed(undefined, confirmed.untagged, item.txid)
      } else if (applies(confirmed, item)) confirmed = advance(confirmed, item, undefined)
      else continue
      if (item.txid !== undefined) stored.add(item.txid)
    }
    offset = batch.offset
  }
  // A feed that is ended ends quietly, and has not found all.
  signal.throwIfAborted()
  const { version: last, untagged } = confirmed
  return { stored, end: { offset, version: last, untagged } }
}
