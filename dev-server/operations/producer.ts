import type { ProducerState } from '../storage/storage.ts'

/** What an exactly-once producer says of one append. Protocol section 4. */
export interface ProducerClaim {
  id: string
  /** Counts restarts of the producer, from 0. */
  epoch: number
  /** Counts appends within the epoch, from 0. */
  seq: number
}

export type ProducerVerdict =
  | { kind: 'accept' }
  | { kind: 'duplicate'; last: ProducerState }
  | { kind: 'stale-epoch'; currentEpoch: number }
  | { kind: 'epoch-not-from-zero'; epoch: number; seq: number }
  | { kind: 'sequence-gap'; expectedSeq: number; receivedSeq: number }

/** Decides whether a producer's append is the next one. Protocol section 4. */
export function judgeProducer(
  last: ProducerState | undefined,
  { epoch, seq }: ProducerClaim,
): ProducerVerdict {
  if (last && epoch < last.epoch) return { kind: 'stale-epoch', currentEpoch: last.epoch }
  if (last && epoch > last.epoch && seq !== 0) return { kind: 'epoch-not-from-zero', epoch, seq }
  if (last && epoch === last.epoch && seq <= last.seq) return { kind: 'duplicate', last }

  const expectedSeq = last && epoch === last.epoch ? last.seq + 1 : 0
  if (seq !== expectedSeq) return { kind: 'sequence-gap', expectedSeq, receivedSeq: seq }
  return { kind: 'accept' }
}
