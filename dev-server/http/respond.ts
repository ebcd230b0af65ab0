import {
  EXPIRES_AT,
  NEXT_OFFSET,
  PRODUCER_EPOCH,
  PRODUCER_SEQ,
  TTL,
} from '../../src/core/protocol.ts'
import { formatOffset } from '../operations/offset.ts'
import { errorAnswer } from './error-answer.ts'
import { announceMultiplex } from './multiplex-reference.ts'
import { forkRefusalAnswer, refusalAnswer } from './respond-refusal.ts'
import { tailHeaders } from './tail-headers.ts'
import type { Answer } from './answer.ts'
import type { AppendOutcome } from '../operations/append.ts'
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
    ...announceMultiplex(path),
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
        { [NEXT_OFFSET]: tail },
      )
    }
    default:
      return outcome satisfies never
  }
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

function producerHeaders(producer: ProducerState | undefined): Record<string, string> {
  if (!producer) return {}
  return {
    [PRODUCER_EPOCH]: String(producer.epoch),
    [PRODUCER_SEQ]: String(producer.seq),
  }
}

function expiryHeaders({ expiry }: StreamRecord): Record<string, string> {
  if (expiry.kind === 'sliding') return { [TTL]: String(expiry.ttlSeconds) }
  return expiry.kind === 'absolute' ? { [EXPIRES_AT]: expiry.at } : {}
}
