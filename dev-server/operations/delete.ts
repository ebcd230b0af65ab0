import { unexpired } from './expiry.ts'
import type { Decision, StreamRecord } from '../storage/storage.ts'

export type DeleteOutcome = { kind: 'deleted' } | { kind: 'not-found' }

/** Decides a deletion. Protocol section 5, `DELETE`. */
export function decideDelete(
  stored: StreamRecord | undefined,
  now: number,
): Decision<DeleteOutcome> {
  const outcome: DeleteOutcome = { kind: unexpired(stored, now) ? 'deleted' : 'not-found' }
  return stored ? { outcome, change: { kind: 'delete' } } : { outcome }
}
