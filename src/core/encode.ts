import { joinBytes } from './decode.ts'
import { StreamError } from './errors.ts'

/** One value or some, as they go on the wire: JSON texts with commas between, or bytes. */
export type Encoded = string | Uint8Array<ArrayBuffer>

/** @throws {StreamError} `invalid` for a value that a stream cannot hold that is JSON, or is not. */
export function encode(values: readonly unknown[], isJson: boolean): Encoded {
  return isJson ? values.map(encodeJson).join(',') : joinBytes(values.map(encodeBytes))
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
  if (!isData(value)) return serialize(value)
  let text = value as string
  try {
    if (typeof value !== 'string') text = new TextDecoder('utf-8', { fatal: true }).decode(value)
    JSON.parse(text)
    return text
  } catch (cause) {
    throw new StreamError(
      'invalid',
      `"${String(text).slice(0, 80)}" is not one JSON value, as text must be on a JSON stream: ` +
        'append an object, or JSON.stringify(text)',
      { cause },
    )
  }
}

/** @throws {StreamError} `invalid` for `undefined`, a function, a cycle, a BigInt. */
export function serialize(value: unknown): string {
  let cause: unknown = 'use null instead'
  try {
    const text = JSON.stringify(value) as string | undefined
    if (text !== undefined) return text
  } catch (error) {
    cause = error
  }
  throw new StreamError('invalid', `${describe(value)} cannot be said in JSON: ${cause}`, { cause })
}

/** Text or bytes: what goes on the wire as it is. */
export function isData(value: unknown): value is Encoded {
  return typeof value === 'string' || value instanceof Uint8Array
}

function describe(value: unknown): string {
  return typeof value === 'object' ? 'this object' : `${typeof value} ${String(value)}`
}

/** @throws {StreamError} `invalid` for anything but text or bytes. */
export function encodeBytes(value: unknown): Uint8Array<ArrayBuffer> {
  if (isData(value)) return typeof value === 'string' ? new TextEncoder().encode(value) : value
  throw new StreamError(
    'invalid',
    `This stream is not JSON: append text or bytes, not ${describe(value)}`,
  )
}
