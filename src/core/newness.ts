import type { Batch, Position } from './batch.ts'
import { StreamError } from './errors.ts'
import { isSentinel } from './protocol.ts'

/**
 * What of a batch is new to a reader at `position`; nothing is known of one that went back. Offsets
 * sort as text, and bytes at an offset never change (protocol section 1).
 */
export function newIn(batch: Batch, { offset }: Position): Batch | undefined {
  if (isSentinel(offset) || batch.offset > offset) return batch
  // From an offset to itself there is no data: a cache gave once more what it gave before.
  return batch.offset === offset ? { ...batch, parts: [] } : undefined
}

/** An answer that goes back may be a cache's, unless caches were asked past. */
export function wentBack(from: Position, { offset }: Batch, isFresh: boolean): StreamError {
  return new StreamError(
    isFresh ? 'gone' : 'unavailable',
    `The server lost the data from ${offset} to ${from.offset}`,
    { offset },
  )
}
