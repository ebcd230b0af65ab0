import type { Decision, Expiry, StreamRecord } from '../storage/storage.ts'

/** The stream, unless its time is over. `now` is in milliseconds since 1970. Protocol section 1. */
export function unexpired(record: StreamRecord | undefined, now: number): StreamRecord | undefined {
  return record && now < expiresAt(record.expiry) ? record : undefined
}

/** The record after a read or write at `now`: a sliding expiry starts over. */
export function used(record: StreamRecord, now: number): StreamRecord {
  const { expiry } = record
  if (expiry.kind !== 'sliding' || expiry.usedAt >= now) return record
  return { ...record, expiry: { ...expiry, usedAt: now } }
}

/** A decision that changes nothing but, where it slides, the expiry. */
export function touched<Outcome>(
  record: StreamRecord,
  now: number,
  outcomeOf: (after: StreamRecord) => Outcome,
): Decision<Outcome> {
  const after = used(record, now)
  const outcome = outcomeOf(after)
  return after === record ? { outcome } : { outcome, change: { kind: 'update', record: after } }
}

/** Decides what a mere access does to the stored stream: slide its expiry, or remove what expired. */
export function decideUse(record: StreamRecord | undefined, now: number): Decision<void> {
  if (!record) return { outcome: undefined }
  if (!unexpired(record, now)) return { outcome: undefined, change: { kind: 'delete' } }
  return touched(record, now, () => undefined)
}

function expiresAt(expiry: Expiry): number {
  switch (expiry.kind) {
    case 'never':
      return Infinity
    case 'sliding':
      return expiry.usedAt + expiry.ttlSeconds * 1000
    case 'absolute':
      return Date.parse(expiry.at)
    default:
      return expiry satisfies never
  }
}
