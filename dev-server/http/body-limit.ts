import { StreamError } from '../../src/core/errors.ts'
import type { RequestHeaders } from './parse-headers.ts'

/**
 * How long the body says it is; nothing if it does not say.
 *
 * @throws {StreamError} `too-large` past `maxBytes`, before anything of it is read.
 */
export function declaredLength(headers: RequestHeaders, maxBytes: number): number | undefined {
  const length = Number(headers['content-length'] ?? NaN)
  if (length > maxBytes) throw tooLarge(maxBytes)
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined
}

/** The body is longer than the server takes. */
export function tooLarge(maxBytes: number): StreamError {
  return new StreamError(
    'too-large',
    `The body is longer than ${maxBytes} bytes: send it in several appends`,
  )
}

/** The sender went away in the middle. */
export function cutOff(cause: unknown): StreamError {
  return new StreamError('disconnected', 'The request broke off before its body was whole', {
    cause,
  })
}
