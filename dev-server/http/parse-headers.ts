import { StreamError } from '../../src/core/errors.ts'
import { CLOSED } from '../../src/core/protocol.ts'

/** Request headers by lower-case name; a name sent several times has its values joined by `, `. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>

const TOKEN = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;.*)?$/

/** Whether `Stream-Closed` says `true`, in any case; other values are ignored. Protocol section 2. */
export function parseClosed(headers: RequestHeaders): boolean {
  return headers[CLOSED]?.toLowerCase() === 'true'
}

/**
 * The `Content-Type` header; nothing if it is missing or blank.
 *
 * @throws {StreamError} `bad-request` if it is not `type/subtype`.
 */
export function parseContentType(headers: RequestHeaders): string | undefined {
  const text = headers['content-type']?.trim()
  if (!text || TOKEN.test(text)) return text || undefined
  throw new StreamError('bad-request', `Content-Type "${text}" is not a type/subtype`)
}
