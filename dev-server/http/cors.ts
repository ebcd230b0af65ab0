import { HEADER, WRITE_HEADER } from '../../src/core/protocol.ts'
import type { RequestHeaders } from './parse-headers.ts'

/** Which pages may call: of any origin, of these origins, or, with `false`, no headers of ours. */
export type Cors = '*' | readonly string[] | false

export const METHODS = 'GET, HEAD, PUT, POST, DELETE, OPTIONS'

const EXPOSED = [
  HEADER.nextOffset,
  HEADER.upToDate,
  HEADER.closed,
  HEADER.cursor,
  WRITE_HEADER.ttl,
  WRITE_HEADER.expiresAt,
  HEADER.sseEncoding,
  WRITE_HEADER.producerEpoch,
  WRITE_HEADER.producerSeq,
  WRITE_HEADER.producerExpectedSeq,
  WRITE_HEADER.producerReceivedSeq,
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
  HEADER.closed,
  WRITE_HEADER.ttl,
  WRITE_HEADER.expiresAt,
  WRITE_HEADER.seq,
  WRITE_HEADER.expectedOffset,
  WRITE_HEADER.producerId,
  WRITE_HEADER.producerEpoch,
  WRITE_HEADER.producerSeq,
  'stream-forked-from',
  'stream-fork-offset',
  'stream-fork-sub-offset',
].join(', ')

/** Headers that let a page of the asking origin see the whole answer. Protocol section 8. */
export function corsHeaders(cors: Cors, headers: RequestHeaders): Record<string, string> {
  if (cors === false) return {}
  const exposed = { 'access-control-expose-headers': EXPOSED }
  if (cors === '*') return { 'access-control-allow-origin': '*', ...exposed }
  const { origin } = headers
  if (origin === undefined || !cors.includes(origin)) return { vary: 'Origin' }
  return { vary: 'Origin', 'access-control-allow-origin': origin, ...exposed }
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
