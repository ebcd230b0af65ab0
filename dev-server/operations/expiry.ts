import type { Decision, Expiry, StreamRecord } from '../storage/storage.ts'

/** A use is worth a write of its own only after this part of the TTL: a hot stream costs no more. */
const WORTH_A_WRITE = 1 / 100

/** Whether the stream's time is over. `now` is in milliseconds since 1970. Protocol section 1. */
export function isExpired({ expiry }: StreamRecord, now: number): boolean {
  return expiry.kind !== 'never' && now >= expiresAt(expiry)
}

/** The record after a read or write at `now`: a sliding expiry starts over. */
export function used(record: StreamRecord, now: number): StreamRecord {
  const { expiry } = record
  if (expiry.kind !== 'sliding' || expiry.usedAt >= now) return record
  return { ...record, expiry: { ...expiry, usedAt: now } }
}

/**
 * Whether a mere access at `now` must be written down. One that follows another within a hundredth
 * of the TTL is not: the stream may expire so much earlier after its last read.
 */
export function mustNoteUse({ expiry }: StreamRecord, now: number): boolean {
  if (expiry.kind !== 'sliding') return false
  return now - expiry.usedAt > expiry.ttlSeconds * 1000 * WORTH_A_WRITE
}

/** A decision that changes nothing but, where it slides and that matters, the expiry. */
export function touched<Outcome>(
  record: StreamRecord,
  now: number,
  outcomeOf: (after: StreamRecord) => Outcome,
): Decision<Outcome> {
  if (!mustNoteUse(record, now)) return { outcome: outcomeOf(record) }
  const after = used(record, now)
  return { outcome: outcomeOf(after), change: { kind: 'update', record: after } }
}

/** Decides what a reader of the stream called `id` does to it: a sliding expiry starts over. */
export function decideTouch(
  stored: StreamRecord | undefined,
  id: string,
  now: number,
): Decision<void> {
  const isAlive = stored?.id === id && !stored.softDeleted && !isExpired(stored, now)
  return isAlive ? touched(stored, now, () => undefined) : { outcome: undefined }
}

/** What a fork made at `now` inherits: a sliding window of its own, or the same moment. */
export function inheritedExpiry(source: Expiry, now: number): Expiry {
  return source.kind === 'sliding' ? { ...source, usedAt: now } : source
}

function expiresAt(expiry: Exclude<Expiry, { kind: 'never' }>): number {
  return expiry.kind === 'sliding'
    ? expiry.usedAt + expiry.ttlSeconds * 1000
    : Date.parse(expiry.at)
}
