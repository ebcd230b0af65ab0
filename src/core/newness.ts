import type { Batch, Position } from './batch.ts'
import { StreamError } from './errors.ts'
import { isSentinel } from './protocol.ts'

/**
 * What of a batch is new to a reader at `position`. Offsets sort as text, and bytes at an offset never
 * change (protocol section 1).
 *
 * @param isFresh whether caches were asked past.
 * @throws {StreamError} `gone` for a batch that went back; `unavailable` if it may be a cache's.
 */
export function newIn(batch: Batch, { offset }: Position, isFresh: boolean): Batch {
  if (isSentinel(offset) || batch.offset > offset) return batch
  // From an offset to itself there is no data: a cache gave once more what it gave before.
  if (batch.offset === offset) return { ...batch, parts: [] }
  throw new StreamError(
    isFresh ? 'gone' : 'unavailable',
    `The server lost the data from ${batch.offset} to ${offset}`,
    { offset: batch.offset },
  )
}
