import { StreamError } from '../../src/core/errors.ts'
import { readMessages, type Messages } from '../operations/json-messages.ts'

/** What a JSON text must keep to, and how to take turns with others while it is long. */
export interface JsonLimits {
  maxMessagesPerAppend: number
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
}

/**
 * A JSON text as a JSON stream stores it: at once, unless it is long. Protocol section 6.
 *
 * @returns no bytes for an empty array.
 * @throws {StreamError} `bad-request` for what is no JSON, `too-large` for too many messages; by
 *   rejection, if the body is long.
 */
export function parseMessages(
  body: Uint8Array,
  { maxMessagesPerAppend, pause }: JsonLimits,
): Uint8Array | Promise<Uint8Array> {
  const messages = readMessages(body, pause)
  return messages instanceof Promise
    ? messages.then((read) => withinLimit(read, maxMessagesPerAppend))
    : withinLimit(messages, maxMessagesPerAppend)
}

function withinLimit({ data, count }: Messages, most: number): Uint8Array {
  if (count <= most) return data
  throw new StreamError(
    'too-large',
    `${count} messages are more than ${most}: send them in several appends`,
  )
}
