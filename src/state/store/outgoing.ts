import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { Pending } from './replica.ts'

export interface OutgoingOptions<State, Action> {
  /** Appends them as one atomic step, in order. */
  append: (writes: readonly Pending<State, Action>[]) => Promise<unknown>
  onStored: (txids: ReadonlySet<string>) => void
  /** Everything that was refused together, so that it is taken back together. */
  onRefused: (refused: ReadonlyMap<string, StreamError>) => void
}

/** Sends writes and tells what became of them. */
export function createOutgoing<State, Action>(
  options: OutgoingOptions<State, Action>,
): (writes: readonly Pending<State, Action>[]) => void {
  let refused = new Map<string, StreamError>()

  function refuse(txids: ReadonlySet<string>, cause: unknown): void {
    // Writes that shared a request are refused in the same turn.
    if (refused.size === 0) queueMicrotask(reportRefused)
    for (const txid of txids) refused.set(txid, asStreamError(cause, 'The write'))
  }

  function reportRefused(): void {
    const all = refused
    refused = new Map()
    options.onRefused(all)
  }

  return (writes) => {
    const txids = new Set(writes.map(({ txid }) => txid))
    options.append(writes).then(
      () => options.onStored(txids),
      (cause: unknown) => refuse(txids, cause),
    )
  }
}
