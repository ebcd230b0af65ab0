import {
  PRODUCER_EPOCH,
  PRODUCER_EXPECTED_SEQ,
  PRODUCER_RECEIVED_SEQ,
} from '../../src/core/protocol.ts'
import { MAX_FORK_DEPTH, type ForkRefusal } from '../operations/fork.ts'
import { formatOffset } from '../operations/offset.ts'
import { errorAnswer } from './error-answer.ts'
import { tailHeaders } from './tail-headers.ts'
import type { Answer } from './answer.ts'
import type { Refusal } from '../operations/append.ts'
import type { StreamRecord } from '../storage/storage.ts'

/** Why nothing was appended. Protocol sections 3 and 4: every 409 tells the tail. */
export function refusalAnswer(record: StreamRecord, reason: Refusal): Answer {
  const tail = tailHeaders(record)
  const conflict = (message: string, headers: Record<string, string> = {}): Answer =>
    errorAnswer(409, 'conflict', message, { ...tail, ...headers })
  switch (reason.kind) {
    case 'closed':
      return errorAnswer(409, 'closed', 'The stream is closed: it takes no more data', tail)
    case 'content-type':
      return conflict(
        `The stream holds ${record.contentType}, not ${reason.sent}: send its own type`,
      )
    case 'seq':
      return conflict(`Stream-Seq "${reason.sent}" must be greater than the last, "${record.seq}"`)
    case 'tail':
      return conflict(
        `The tail is ${formatOffset(record.tail)}, not ${formatOffset(reason.expected)}`,
      )
    case 'producers':
      return errorAnswer(
        403,
        'forbidden',
        `${reason.maxProducers} producers have written to this stream, the most there may be: ` +
          'write under one of their ids, or without one',
        tail,
      )
    case 'stale-epoch':
      return errorAnswer(
        403,
        'forbidden',
        `A producer with epoch ${reason.currentEpoch} took over: claim the next epoch from seq 0`,
        { [PRODUCER_EPOCH]: String(reason.currentEpoch) },
      )
    case 'epoch-not-from-zero':
      return errorAnswer(
        400,
        'bad-request',
        `Epoch ${reason.epoch} is new, so Producer-Seq must be 0, not ${reason.seq}`,
      )
    case 'sequence-gap':
      return conflict(`Producer-Seq ${reason.receivedSeq} came before ${reason.expectedSeq}`, {
        [PRODUCER_EXPECTED_SEQ]: String(reason.expectedSeq),
        [PRODUCER_RECEIVED_SEQ]: String(reason.receivedSeq),
      })
    default:
      return reason satisfies never
  }
}

/** Why there is no such fork. Protocol section 7. */
export function forkRefusalAnswer(reason: ForkRefusal): Answer {
  switch (reason.kind) {
    case 'no-source':
      return errorAnswer(404, 'not-found', `There is no stream "${reason.path}" to fork`)
    case 'source-deleted':
      return errorAnswer(
        409,
        'conflict',
        `"${reason.path}" was deleted, and stays only for the forks it has: fork one of those`,
      )
    case 'source-type':
      return errorAnswer(
        409,
        'conflict',
        `A fork holds what its source does, ${reason.contentType}, not ${reason.sent}`,
      )
    case 'too-deep':
      return errorAnswer(
        409,
        'conflict',
        `"${reason.path}" has ${MAX_FORK_DEPTH} sources above it, the most there may be: fork one of them`,
      )
    case 'past-tail': {
      const [position, tail] = [reason.position, reason.tail].map(formatOffset)
      return errorAnswer(400, 'bad-request', `Offset ${position} is past the source's tail ${tail}`)
    }
    case 'between-messages': {
      const position = formatOffset(reason.position)
      return errorAnswer(
        400,
        'bad-request',
        `Offset ${position} is within a message of the source: send a Stream-Next-Offset`,
      )
    }
    case 'past-end':
      return errorAnswer(
        400,
        'bad-request',
        `The source has not as much as ${reason.subOffset} past the offset: send a smaller Stream-Fork-Sub-Offset`,
      )
    default:
      return reason satisfies never
  }
}
