import { StreamError } from '../../src/core/errors.ts'
import { WRITE_HEADER } from '../../src/core/protocol.ts'
import { framingOf } from '../operations/content-type.ts'
import { encodeMessages } from '../operations/json-messages.ts'
import { parseOffset } from '../operations/offset.ts'
import { parseClosed, parseContentType, type RequestHeaders } from './parse-headers.ts'
import { parseProducer } from './parse-producer.ts'
import type { Append } from '../operations/append.ts'

/**
 * Reads an append. Protocol section 3.
 *
 * @throws {StreamError} `bad-request` for headers or a body that nothing can be appended from.
 */
export function parseAppend(headers: RequestHeaders, body: Uint8Array): Append {
  const close = parseClosed(headers)
  const producer = parseProducer(headers)
  const seq = headers[WRITE_HEADER.seq]
  const expected = headers[WRITE_HEADER.expectedOffset]
  return {
    ...parseData(headers, body, close),
    close,
    ...(producer && { producer }),
    ...(seq !== undefined && { seq }),
    ...(expected !== undefined && { expectedTail: parseOffset(expected) }),
  }
}

function parseData(
  headers: RequestHeaders,
  body: Uint8Array,
  close: boolean,
): Pick<Append, 'data' | 'contentType'> {
  if (body.length === 0) {
    if (close) return { data: body }
    throw new StreamError('bad-request', 'The body is empty: send data, or Stream-Closed: true')
  }
  const contentType = parseContentType(headers)
  if (contentType === undefined) {
    throw new StreamError('bad-request', "Content-Type is missing: send the stream's own")
  }
  if (framingOf(contentType) !== 'json') return { data: body, contentType }

  const data = encodeMessages(body)
  if (data.length > 0) return { data, contentType }
  throw new StreamError('bad-request', 'The array is empty: send at least one message')
}
