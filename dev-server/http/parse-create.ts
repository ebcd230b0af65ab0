import { StreamError } from '../../src/core/errors.ts'
import { EXPIRES_AT, TTL } from '../../src/core/protocol.ts'
import { framingOf } from '../operations/content-type.ts'
import { DEFAULT_CONTENT_TYPE } from '../operations/create.ts'
import { parseFork } from './parse-fork.ts'
import { parseClosed, parseContentType, type RequestHeaders } from './parse-headers.ts'
import { parseMessages, type JsonLimits } from './parse-messages.ts'
import type { Create } from '../operations/create.ts'
import type { Expiry } from '../storage/storage.ts'

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Reads a creation. Protocol sections 2 and 7.
 *
 * @param now milliseconds since 1970
 * @param limits of JSON, and the prefix of the paths under which streams live
 * @throws {StreamError} `bad-request` for headers or a body that cannot make a stream.
 */
export function parseCreate(
  headers: RequestHeaders,
  body: Uint8Array,
  now: number,
  limits: JsonLimits & { prefix: string },
): Omit<Create, 'id'> {
  const fork = parseFork(headers, limits.prefix)
  const sentType = parseContentType(headers)
  const contentType = sentType ?? (fork ? undefined : DEFAULT_CONTENT_TYPE)
  const expiry = parseExpiry(headers, now)
  return {
    ...(contentType !== undefined && { contentType }),
    ...(expiry && { expiry }),
    ...(fork && { fork }),
    closed: parseClosed(headers),
    // A fork that names no type takes its source's.
    data: (type) => encodeContent(type, body, limits),
  }
}

function encodeContent(
  contentType: string,
  body: Uint8Array,
  limits: JsonLimits,
): Uint8Array | Promise<Uint8Array> {
  const isJson = framingOf(contentType) === 'json' && body.length > 0
  return isJson ? parseMessages(body, limits) : body
}

function parseExpiry(headers: RequestHeaders, now: number): Expiry | undefined {
  const ttl = headers[TTL]
  const at = headers[EXPIRES_AT]
  if (ttl !== undefined && at !== undefined) {
    throw new StreamError('bad-request', 'Send Stream-TTL or Stream-Expires-At, not both')
  }
  if (ttl !== undefined) return { kind: 'sliding', ttlSeconds: parseTtl(ttl), usedAt: now }
  return at === undefined ? undefined : { kind: 'absolute', at: parseExpiresAt(at) }
}

function parseTtl(text: string): number {
  const seconds = Number(text)
  if (/^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(seconds)) return seconds
  throw new StreamError(
    'bad-request',
    `Stream-TTL must be whole seconds such as 3600, without sign or leading zero; got "${text}"`,
  )
}

function parseExpiresAt(text: string): string {
  if (RFC_3339.test(text) && !Number.isNaN(Date.parse(text))) return text
  throw new StreamError(
    'bad-request',
    `Stream-Expires-At must be an RFC 3339 time such as 2030-01-01T00:00:00Z; got "${text}"`,
  )
}
