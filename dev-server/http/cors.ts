import {
  CLOSED,
  CURSOR,
  EXPECTED_OFFSET,
  EXPIRES_AT,
  MULTIPLEX,
  NEXT_OFFSET,
  PRODUCER_EPOCH,
  PRODUCER_EXPECTED_SEQ,
  PRODUCER_ID,
  PRODUCER_RECEIVED_SEQ,
  PRODUCER_SEQ,
  SEQ,
  SSE_ENCODING,
  TTL,
  UP_TO_DATE,
} from '../../src/core/protocol.ts'
import { SECURITY_HEADERS } from './answer.ts'
import type { RequestHeaders } from './parse-headers.ts'

/** Which pages may call: of any origin, of these origins, or, with `false`, no headers of ours. */
export type Cors = '*' | readonly string[] | false

export const METHODS = 'GET, HEAD, PUT, POST, DELETE, OPTIONS'

const EXPOSED = [
  NEXT_OFFSET,
  UP_TO_DATE,
  CLOSED,
  CURSOR,
  TTL,
  EXPIRES_AT,
  SSE_ENCODING,
  MULTIPLEX,
  PRODUCER_EPOCH,
  PRODUCER_SEQ,
  PRODUCER_EXPECTED_SEQ,
  PRODUCER_RECEIVED_SEQ,
  'etag',
  'location',
  'content-type',
  'retry-after',
].join(', ')

const ALLOWED = [
  'content-type',
  'authorization',
  'if-none-match',
  'accept',
  'last-event-id',
  CLOSED,
  TTL,
  EXPIRES_AT,
  SEQ,
  EXPECTED_OFFSET,
  PRODUCER_ID,
  PRODUCER_EPOCH,
  PRODUCER_SEQ,
  'stream-forked-from',
  'stream-fork-offset',
  'stream-fork-sub-offset',
].join(', ')

const FOR_NO_PAGE = SECURITY_HEADERS
const FOR_STRANGERS = { ...SECURITY_HEADERS, vary: 'Origin' }
const FOR_ANY_PAGE = {
  ...SECURITY_HEADERS,
  'access-control-allow-origin': '*',
  'access-control-expose-headers': EXPOSED,
}

/**
 * Headers of every answer: the safe ones, and those that let a page of the asking origin see the
 * whole answer. Protocol section 8.
 */
export function commonHeaders(
  cors: Cors,
  { origin }: RequestHeaders,
): Readonly<Record<string, string>> {
  if (cors === false) return FOR_NO_PAGE
  if (cors === '*') return FOR_ANY_PAGE
  if (origin === undefined || !cors.includes(origin)) return FOR_STRANGERS
  return { ...FOR_ANY_PAGE, vary: 'Origin', 'access-control-allow-origin': origin }
}

/** What a preflight is told besides: headers of the protocol may be sent, and any that it names. */
export function preflightHeaders(cors: Cors, headers: RequestHeaders): Record<string, string> {
  if (cors === false) return { allow: METHODS }
  const named = headers['access-control-request-headers']
  return {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': named ? `${ALLOWED}, ${named}` : ALLOWED,
    'access-control-max-age': '86400',
  }
}
