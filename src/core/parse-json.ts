import { StreamError } from './errors.ts'

/**
 * What a text from a server says.
 *
 * @param isRight whether a value has the shape that the protocol promises.
 * @throws {StreamError} `malformed`, with `message`, when it has not, or is no JSON.
 */
export function parseJson<Value>(
  text: string,
  isRight: (value: Value) => boolean,
  message: string,
): Value {
  let cause: unknown
  try {
    const value = JSON.parse(text) as Value
    if (isRight(value)) return value
  } catch (error) {
    cause = error
  }
  throw new StreamError('malformed', message, { cause })
}
