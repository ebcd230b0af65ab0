import { joinBytes } from './decode.ts'
import { StreamError } from './errors.ts'
import { JSON_CONTENT_TYPE } from './protocol.ts'

/** One value or some, as they go on the wire: JSON texts with commas between, or bytes. */
export type Encoded = string | Uint8Array<ArrayBuffer>

/** Whether messages of this content type keep their boundaries. Protocol section 6. */
export function isJson(contentType: string): boolean {
  return contentType.split(';')[0]!.trim().toLowerCase() === JSON_CONTENT_TYPE
}

/** @throws {StreamError} `invalid` for a value that a stream of this content type cannot hold. */
export function encode(values: readonly unknown[], contentType: string): Encoded {
  return isJson(contentType) ? values.map(encodeJson).join(',') : joinBytes(values.map(encodeBytes))
}

/** A request body of what was encoded. */
export function joinEncoded(parts: readonly Encoded[]): Encoded {
  return typeof parts[0] === 'string'
    ? `[${parts.join(',')}]`
    : joinBytes(parts as readonly Uint8Array[])
}

/**
 * One message of a JSON stream as JSON text. A string or bytes are JSON text already and must be
 * exactly one value; anything else is serialized.
 *
 * @throws {StreamError} `invalid` for what is not JSON, or cannot be said in it.
 */
export function encodeJson(value: unknown): string {
  return isData(value) ? checkJsonText(value) : serialize(value)
}

/** @throws {StreamError} `invalid` for `undefined`, a function, a cycle, a BigInt. */
export function serialize(value: unknown): string {
  let text: string | undefined
  let cause: unknown
  try {
    text = JSON.stringify(value)
  } catch (error) {
    cause = error
  }
  if (text !== undefined) return text
  const why = cause ? String(cause) : 'use null instead'
  throw new StreamError('invalid', `${describe(value)} cannot be said in JSON: ${why}`, { cause })
}

/** Text or bytes: what goes on the wire as it is. */
export function isData(value: unknown): value is string | Uint8Array<ArrayBuffer> {
  return typeof value === 'string' || value instanceof Uint8Array
}

function checkJsonText(value: string | Uint8Array): string {
  let text = value as string
  try {
    if (typeof value !== 'string') text = new TextDecoder('utf-8', { fatal: true }).decode(value)
    JSON.parse(text)
    return text
  } catch (cause) {
    throw new StreamError(
      'invalid',
      `"${String(text).slice(0, 80)}" is not one JSON value. On a JSON stream a string is JSON text ` +
        'already: append an object, or JSON.stringify(text) for a plain string',
      { cause },
    )
  }
}

function describe(value: unknown): string {
  if (typeof value === 'object') return 'This object'
  return typeof value === 'undefined' ? 'undefined' : `The ${typeof value} ${String(value)}`
}

/** @throws {StreamError} `invalid` for anything but text or bytes. */
export function encodeBytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (isData(value)) return typeof value === 'string' ? new TextEncoder().encode(value) : value
  throw new StreamError(
    'invalid',
    `This stream is not JSON: append text or bytes, not ${describe(value).toLowerCase()}`,
  )
}
