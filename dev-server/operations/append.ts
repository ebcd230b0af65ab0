import { mediaType } from './content-type.ts'
import { isExpired, touched, used } from './expiry.ts'
import { judgeProducer, type ProducerClaim, type ProducerVerdict } from './producer.ts'
import type { Change, Decision, ProducerState, StreamRecord } from '../storage/storage.ts'

export interface Append {
  /** As it is stored; empty only to close. */
  data: Uint8Array
  /** Of the data; undefined when there is none. */
  contentType?: string
  /** Close the stream in the same step. */
  close: boolean
  producer?: ProducerClaim
  /** Must be greater, byte by byte, than the last one accepted. */
  seq?: string
  /** Append only if this is the tail. */
  expectedTail?: number
}

export type AppendOutcome =
  | { kind: 'appended'; record: StreamRecord; hasData: boolean; producer?: ProducerState }
  /** Closed already, as the caller wishes. */
  | { kind: 'already-closed'; record: StreamRecord; producer?: ProducerState }
  /** Stored already by an earlier try of the same producer. */
  | { kind: 'duplicate'; record: StreamRecord; producer: ProducerState }
  | { kind: 'not-found' }
  /** Deleted or expired, and kept only for its forks. */
  | { kind: 'soft-deleted' }
  /** The path belongs to the server. */
  | { kind: 'reserved' }
  | { kind: 'refused'; record: StreamRecord; reason: Refusal }

export type Refusal =
  | Exclude<ProducerVerdict, { kind: 'accept' | 'duplicate' }>
  | { kind: 'closed' }
  | { kind: 'content-type'; sent: string }
  | { kind: 'seq'; sent: string }
  | { kind: 'tail'; expected: number }
  /** The producer is new, and there are as many as there may be. */
  | { kind: 'producers'; maxProducers: number }

/** What the rule says when it cannot be followed yet. */
export type AppendStep =
  | AppendOutcome
  /** The time of the stream is over: it must be removed first. */
  | { kind: 'expired' }

/**
 * Decides an append, a close, or both in one step. Protocol sections 3 and 4: a repeated producer
 * append is recognized before anything else can refuse it; then closed, content type, sequence, tail.
 *
 * @param maxProducers how many producers may write to one stream
 */
export function decideAppend(
  record: StreamRecord | undefined,
  known: ProducerState | undefined,
  command: Append,
  maxProducers: number,
  now: number,
): Decision<AppendStep> {
  if (!record) return { outcome: { kind: 'not-found' } }
  if (record.softDeleted) return { outcome: { kind: 'soft-deleted' } }
  if (isExpired(record, now)) return { outcome: { kind: 'expired' } }

  const { data, close, producer } = command
  const verdict: ProducerVerdict = producer ? judgeProducer(known, producer) : { kind: 'accept' }
  if (verdict.kind === 'duplicate') {
    const { kind, last } = verdict
    return touched(record, now, (after) => ({ kind, record: after, producer: last }))
  }
  if (verdict.kind !== 'accept') return { outcome: { kind: 'refused', record, reason: verdict } }
  const isNew = producer !== undefined && known === undefined
  const isFull = isNew && (record.producers ?? 0) >= maxProducers
  if (record.closed && data.length === 0) {
    return closeAgain(record, isFull ? undefined : producer, isNew, now)
  }
  const reason = refusal(record, command)
  if (reason) return { outcome: { kind: 'refused', record, reason } }
  if (isFull)
    return { outcome: { kind: 'refused', record, reason: { kind: 'producers', maxProducers } } }

  const after: StreamRecord = { ...used(record, now) }
  after.tail += data.length
  after.closed = close
  if (command.seq !== undefined) after.seq = command.seq
  if (isNew) after.producers = (record.producers ?? 0) + 1
  return appended(after, data, producer)
}

/** Plain assignments: this is on the path of every append. */
function appended(
  record: StreamRecord,
  data: Uint8Array,
  producer: ProducerClaim | undefined,
): Decision<AppendOutcome> {
  const hasData = data.length > 0
  const outcome: AppendOutcome = { kind: 'appended', record, hasData }
  const change: Change = { kind: 'update', record }
  if (hasData) change.append = data
  if (producer) {
    const state = { epoch: producer.epoch, seq: producer.seq }
    outcome.producer = state
    change.producer = state
  }
  return { outcome, change }
}

function closeAgain(
  record: StreamRecord,
  producer: ProducerClaim | undefined,
  isNew: boolean,
  now: number,
): Decision<AppendOutcome> {
  if (!producer) return touched(record, now, (after) => ({ kind: 'already-closed', record: after }))
  const after = { ...used(record, now) }
  if (isNew) after.producers = (record.producers ?? 0) + 1
  const state = { producer: { epoch: producer.epoch, seq: producer.seq } }
  return {
    outcome: { kind: 'already-closed', record: after, ...state },
    change: { kind: 'update', record: after, ...state },
  }
}

function refusal(record: StreamRecord, command: Append): Refusal | undefined {
  const { contentType, seq, expectedTail } = command
  if (record.closed) return { kind: 'closed' }
  if (contentType !== undefined && mediaType(contentType) !== mediaType(record.contentType)) {
    return { kind: 'content-type', sent: contentType }
  }
  if (seq !== undefined && record.seq !== undefined && seq <= record.seq) {
    return { kind: 'seq', sent: seq }
  }
  if (expectedTail !== undefined && expectedTail !== record.tail) {
    return { kind: 'tail', expected: expectedTail }
  }
  return undefined
}
