import { StreamError } from '../src/core/errors.ts'

/** Also the longest that a timer can wait, in milliseconds. */
export const MAX_COUNT: number = 2 ** 31 - 1

/** @throws {StreamError} `invalid` unless `value` is a whole number from 1 to 2^31-1. */
export function checkCount(name: string, value: unknown): number {
  const isCount = typeof value === 'number' && Number.isInteger(value)
  if (isCount && value > 0 && value <= MAX_COUNT) return value
  throw invalidOption(name, value, `an integer from 1 to ${MAX_COUNT}`)
}

/** @throws {StreamError} `invalid` unless `value` is a function, or nothing. */
export function checkFunction<F>(name: string, value: F): F {
  if (value === undefined || typeof value === 'function') return value
  throw invalidOption(name, value, 'a function')
}

/** @throws {StreamError} `invalid` unless `port` can be listened on; 0 lets the system choose. */
export function checkPort(port: unknown): number {
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw invalidOption('port', port, 'an integer from 0 to 65535')
}

/** @throws {StreamError} `invalid` unless `host` is some text. */
export function checkHost(host: unknown): string {
  if (typeof host === 'string' && host !== '') return host
  throw invalidOption('host', host, "a name or address such as '127.0.0.1'")
}

/** An option that cannot be: names the value and what is allowed. */
export function invalidOption(name: string, value: unknown, allowed: string): StreamError {
  return new StreamError('invalid', `${name} cannot be ${show(value)}: use ${allowed}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? `{ ${Object.keys(value).join(', ')} }` : String(value)
}
