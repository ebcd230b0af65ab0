import { SequenceGapError } from '../../core/append-error.ts'
import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { Delivery, Pending } from './replica.ts'

/**
 * Sends writes together; those that the server will not take so, in smaller parts.
 *
 * @returns why, for the txid of each that was refused.
 */
export async function sendWrites<State, Action>(
  writes: readonly Pending<State, Action>[],
  append: (writes: readonly Pending<State, Action>[]) => Promise<unknown>,
  refused: Map<string, StreamError> = new Map(),
): Promise<ReadonlyMap<string, StreamError>> {
  try {
    await append(writes)
  } catch (cause) {
    const error = asStreamError(cause, 'The write')
    const half = writes.length >> 1
    if (half > 0 && (error.code === 'too-large' || error.code === 'bad-request')) {
      // One of them is to blame, and takes no neighbours along.
      await sendWrites(writes.slice(0, half), append, refused)
      await sendWrites(writes.slice(half), append, refused)
    } else for (const { txid } of writes) refused.set(txid, error)
  }
  return refused
}

/** Where a write is that met a server that has lost the stream, or who it is from; nothing for others. */
export function deliveryAfter(error: StreamError): Delivery | undefined {
  if (error.code === 'not-found') return 'waiting'
  // Stored or not, before that: the stream will tell.
  return error instanceof SequenceGapError ? 'stored' : undefined
}
