import { HEADER, WRITE_HEADER } from '../../src/core/protocol.ts'
import { MAX_FORK_DEPTH, type ForkRefusal } from '../operations/fork.ts'
import { formatOffset } from '../operations/offset.ts'
import { errorAnswer } from './error-answer.ts'
import type { Answer } from './answer.ts'
import type { AppendOutcome, Refusal } from '../operations/append.ts'
import type { CreateOutcome } from '../operations/create.ts'
import type { DeleteOutcome } from '../operations/end.ts'
import type { ReadOutcome } from '../operations/read.ts'
import type { ProducerState, StreamRecord } from '../storage/storage.ts'

/** The one place where outcomes become status codes. */
export function createAnswer(outcome: CreateOutcome, location: string): Answer {
  switch (outcome.kind) {
    case 'created':
    case 'exists': {
      const { kind, record } = outcome
      const headers = { 'content-type': record.contentType, location, ...tailHeaders(record) }
      return { status: kind === 'created' ? 201 : 200, headers }
    }
    case 'conflict':
      return errorAnswer(
        409,
        'conflict',
        `${location} exists and ${outcome.difference}: use another path, or delete it first`,
        tailHeaders(outcome.record),
      )
    case 'soft-deleted':
      return errorAnswer(
        409,
        'conflict',
        `${location} was deleted, but forks still read its bytes: use another path, or delete them`,
      )
    case 'full':
      return errorAnswer(
        507,
        'unavailable',
        `There are ${outcome.maxStreams} streams, as many as there may be: delete some first`,
      )
    case 'reserved':
      return reserved()
    case 'refused':
      return forkRefusalAnswer(outcome.reason)
    default:
      return outcome satisfies never
  }
}

export function appendAnswer(outcome: AppendOutcome, path: string): Answer {
  switch (outcome.kind) {
    case 'appended':
    case 'already-closed':
    case 'duplicate': {
      const { kind, record, producer } = outcome
      const isNewData = producer !== undefined && kind === 'appended' && outcome.hasData
      const headers = { ...tailHeaders(record), ...producerHeaders(producer) }
      return { status: isNewData ? 200 : 204, headers }
    }
    case 'not-found':
      return notFound(path)
    case 'soft-deleted':
      return gone(path)
    case 'reserved':
      return reserved()
    case 'refused':
      return refusalAnswer(outcome.record, outcome.reason)
    default:
      return outcome satisfies never
  }
}

export function deleteAnswer(outcome: DeleteOutcome, path: string): Answer {
  switch (outcome.kind) {
    case 'deleted':
      return { status: 204 }
    case 'not-found':
      return notFound(path)
    case 'soft-deleted':
      return gone(path)
    case 'reserved':
      return reserved()
    default:
      return outcome satisfies never
  }
}

/** What a HEAD is told. Protocol section 5, `HEAD`. */
export function describeAnswer(record: StreamRecord | undefined, path: string): Answer {
  if (!record) return notFound(path)
  if (record.softDeleted) return gone(path)
  const headers = {
    'content-type': record.contentType,
    'cache-control': 'no-store',
    ...tailHeaders(record),
    ...expiryHeaders(record),
  }
  return { status: 200, headers }
}

export function failedReadAnswer(
  outcome: Exclude<ReadOutcome, { kind: 'page' }>,
  path: string,
): Answer {
  switch (outcome.kind) {
    case 'not-found':
      return notFound(path)
    case 'soft-deleted':
      return gone(path)
    case 'between-messages': {
      const offset = formatOffset(outcome.position)
      return errorAnswer(
        400,
        'bad-request',
        `Offset ${offset} is within a message: start over at -1`,
      )
    }
    case 'past-tail': {
      const offset = formatOffset(outcome.position)
      const tail = formatOffset(outcome.tail)
      return errorAnswer(
        410,
        'gone',
        `Offset ${offset} is past the tail ${tail}: this server lost that data; start over at -1`,
        { [HEADER.nextOffset]: tail },
      )
    }
    default:
      return outcome satisfies never
  }
}

/** The tail, and whether it is the last one. */
export function tailHeaders({
  tail,
  closed,
}: Pick<StreamRecord, 'tail' | 'closed'>): Record<string, string> {
  const offset = { [HEADER.nextOffset]: formatOffset(tail) }
  return closed ? { ...offset, [HEADER.closed]: 'true' } : offset
}

export function notFound(path: string): Answer {
  return errorAnswer(404, 'not-found', `There is no stream "${path}": create it with PUT`)
}

/** Deleted, and not yet free for another: forks need its bytes. Protocol section 7. */
function gone(path: string): Answer {
  return errorAnswer(410, 'gone', `"${path}" was deleted, and stays only for its forks: read those`)
}

function reserved(): Answer {
  return errorAnswer(403, 'forbidden', 'This path belongs to the server: use another one')
}

/** Why there is no such fork. Protocol section 7. */
function forkRefusalAnswer(reason: ForkRefusal): Answer {
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

function refusalAnswer(record: StreamRecord, reason: Refusal): Answer {
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
        { [WRITE_HEADER.producerEpoch]: String(reason.currentEpoch) },
      )
    case 'epoch-not-from-zero':
      return errorAnswer(
        400,
        'bad-request',
        `Epoch ${reason.epoch} is new, so Producer-Seq must be 0, not ${reason.seq}`,
      )
    case 'sequence-gap':
      return conflict(`Producer-Seq ${reason.receivedSeq} came before ${reason.expectedSeq}`, {
        [WRITE_HEADER.producerExpectedSeq]: String(reason.expectedSeq),
        [WRITE_HEADER.producerReceivedSeq]: String(reason.receivedSeq),
      })
    default:
      return reason satisfies never
  }
}

function producerHeaders(producer: ProducerState | undefined): Record<string, string> {
  if (!producer) return {}
  return {
    [WRITE_HEADER.producerEpoch]: String(producer.epoch),
    [WRITE_HEADER.producerSeq]: String(producer.seq),
  }
}

function expiryHeaders({ expiry }: StreamRecord): Record<string, string> {
  if (expiry.kind === 'sliding') return { [WRITE_HEADER.ttl]: String(expiry.ttlSeconds) }
  return expiry.kind === 'absolute' ? { [WRITE_HEADER.expiresAt]: expiry.at } : {}
}
