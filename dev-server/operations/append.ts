import { mediaType } from './content-type.ts'
import { touched, unexpired, used } from './expiry.ts'
import { judgeProducer, type ProducerClaim, type ProducerVerdict } from './producer.ts'
import type { Decision, ProducerState, StreamRecord } from '../storage/storage.ts'

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
  | { kind: 'refused'; record: StreamRecord; reason: Refusal }

export type Refusal =
  | Exclude<ProducerVerdict, { kind: 'accept' | 'duplicate' }>
  | { kind: 'closed' }
  | { kind: 'content-type'; sent: string }
  | { kind: 'seq'; sent: string }
  | { kind: 'tail'; expected: number }

/**
 * Decides an append, a close, or both in one step. Protocol sections 3 and 4: a repeated producer
 * append is recognized before anything else can refuse it; then closed, content type, sequence, tail.
 */
export function decideAppend(
  stored: StreamRecord | undefined,
  known: ProducerState | undefined,
  command: Append,
  now: number,
): Decision<AppendOutcome> {
  const record = unexpired(stored, now)
  if (!record) return { outcome: { kind: 'not-found' } }

  const { data, close, producer } = command
  const verdict: ProducerVerdict = producer ? judgeProducer(known, producer) : { kind: 'accept' }
  if (verdict.kind === 'duplicate') {
    const { kind, last } = verdict
    return touched(record, now, (after) => ({ kind, record: after, producer: last }))
  }
  if (verdict.kind !== 'accept') return { outcome: { kind: 'refused', record, reason: verdict } }
  if (record.closed && data.length === 0) return closeAgain(record, producer, now)
  const reason = refusal(record, command)
  if (reason) return { outcome: { kind: 'refused', record, reason } }

  const after: StreamRecord = {
    ...used(record, now),
    tail: record.tail + data.length,
    closed: close,
    ...(command.seq === undefined ? {} : { seq: command.seq }),
  }
  const state = producer && { producer: { epoch: producer.epoch, seq: producer.seq } }
  return {
    outcome: { kind: 'appended', record: after, hasData: data.length > 0, ...state },
    change: { kind: 'update', record: after, ...(data.length > 0 && { append: data }), ...state },
  }
}

function closeAgain(
  record: StreamRecord,
  producer: ProducerClaim | undefined,
  now: number,
): Decision<AppendOutcome> {
  if (!producer) return touched(record, now, (after) => ({ kind: 'already-closed', record: after }))
  const after = used(record, now)
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
