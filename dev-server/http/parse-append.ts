import { StreamError } from '../../src/core/errors.ts'
import { EXPECTED_OFFSET, SEQ } from '../../src/core/protocol.ts'
import { framingOf } from '../operations/content-type.ts'
import { parseOffset } from '../operations/offset.ts'
import { parseClosed, parseContentType, type RequestHeaders } from './parse-headers.ts'
import { parseMessages, type JsonLimits } from './parse-messages.ts'
import { parseProducer } from './parse-producer.ts'
import type { Append } from '../operations/append.ts'

/**
 * Reads an append; at once, unless its body is long. Protocol section 3.
 *
 * @throws {StreamError} `bad-request` for headers or a body that nothing can be appended from;
 *   `too-large` for too many messages. By rejection, if the body is long.
 */
export function parseAppend(
  headers: RequestHeaders,
  body: Uint8Array,
  limits: JsonLimits,
): Append | Promise<Append> {
  const close = parseClosed(headers)
  const producer = parseProducer(headers)
  const seq = headers[SEQ]
  const expected = headers[EXPECTED_OFFSET]
  const contentType = dataType(headers, body, close)
  // Plain assignments: this is on the path of every append.
  const command: Append = { data: body, close }
  if (contentType !== undefined) command.contentType = contentType
  if (producer) command.producer = producer
  if (seq !== undefined) command.seq = seq
  if (expected !== undefined) command.expectedTail = parseOffset(expected)
  if (contentType === undefined || framingOf(contentType) !== 'json') return command
  const data = parseMessages(body, limits)
  return data instanceof Promise
    ? data.then((read) => withMessages(command, read))
    : withMessages(command, data)
}

/** The type of what is sent; nothing if nothing is, which only closing needs not. */
function dataType(headers: RequestHeaders, body: Uint8Array, close: boolean): string | undefined {
  if (body.length === 0) {
    if (close) return undefined
    throw new StreamError('bad-request', 'The body is empty: send data, or Stream-Closed: true')
  }
  const contentType = parseContentType(headers)
  if (contentType !== undefined) return contentType
  throw new StreamError('bad-request', "Content-Type is missing: send the stream's own")
}

function withMessages(command: Append, data: Uint8Array): Append {
  if (data.length === 0) {
    throw new StreamError('bad-request', 'The array is empty: send at least one message')
  }
  command.data = data
  return command
}
