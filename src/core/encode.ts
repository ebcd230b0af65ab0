import { StreamError } from './errors.ts'

/**
 * One message of a JSON stream as JSON text. A string or bytes are JSON text already and must be
 * exactly one value; anything else is serialized.
 *
 * @throws {StreamError} `invalid` for what is not JSON, or cannot be said in it.
 */
export function encodeJson(value: unknown): string {
  if (value instanceof Uint8Array) return checkJsonText(new TextDecoder().decode(value))
  if (typeof value === 'string') return checkJsonText(value)
  return serialize(value)
}

/** @throws {StreamError} `invalid` for `undefined`, a function, a cycle, a BigInt. */
export function serialize(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new StreamError(
      'invalid',
      `${describe(value)} cannot be said in JSON: ${String(cause)}`,
      {
        cause,
      },
    )
  }
  if (text !== undefined) return text
  throw new StreamError('invalid', `${describe(value)} cannot be said in JSON: use null instead`)
}

function checkJsonText(text: string): string {
  try {
    JSON.parse(text)
    return text
  } catch (cause) {
    throw new StreamError(
      'invalid',
      `"${text.slice(0, 80)}" is not one JSON value. On a JSON stream a string is JSON text already: ` +
        'append an object, or JSON.stringify(text) for a plain string',
      { cause },
    )
  }
}

function describe(value: unknown): string {
  if (typeof value === 'object') return 'This object'
  return typeof value === 'undefined' ? 'undefined' : `The ${typeof value} ${String(value)}`
}

/** @throws {StreamError} `invalid` for anything but text or bytes. */
export function encodeBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return new TextEncoder().encode(value)
  throw new StreamError(
    'invalid',
    `This stream is not JSON: append text or bytes, not ${describe(value).toLowerCase()}`,
  )
}
