import { StreamError } from '../../src/core/errors.ts'
import { parseJsonBody } from '../http/parse-json-body.ts'
import { parseTarget } from '../http/parse-target.ts'
import { isSystemPath } from '../operations/registry.ts'
import type { Exchange } from '../http/exchange.ts'

const MAX_BODY_BYTES = 1024 * 1024

/** The members of a JSON object that somebody sent; nothing is known of their types. */
export type Fields = Readonly<Record<string, unknown>>

/**
 * Reads a request's body, which must be a JSON object with no members but `known`.
 *
 * @throws {StreamError} `bad-request`, or what reading the body throws.
 */
export async function readFields(exchange: Exchange, known: readonly string[]): Promise<Fields> {
  const body = parseJsonBody(await exchange.body(MAX_BODY_BYTES))
  if (!isObject(body)) throw bad(`The body must be a JSON object with ${known.join(', ')}`)
  const stranger = Object.keys(body).find((name) => !known.includes(name))
  if (stranger === undefined) return body
  throw bad(`"${clip(stranger)}" is not known here: send ${known.join(', ')}`)
}

/** @throws {StreamError} `bad-request` unless `value` is text of 1 to `maxLength` characters. */
export function checkText(name: string, value: unknown, maxLength: number): string {
  if (typeof value === 'string' && value !== '' && value.length <= maxLength) return value
  throw bad(`${name} must be text of 1 to ${maxLength} characters; got ${show(value)}`)
}

/** @throws {StreamError} `bad-request` unless `value` is an integer from `min` to `max`. */
export function checkInteger(name: string, value: unknown, min: number, max: number): number {
  const isInteger = typeof value === 'number' && Number.isInteger(value)
  if (isInteger && value >= min && value <= max) return value
  throw bad(`${name} must be an integer from ${min} to ${max}; got ${show(value)}`)
}

/** @throws {StreamError} `bad-request` unless `value` is a list of objects or texts, as asked. */
export function checkList(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw bad(`${name} must be a list; got ${show(value)}`)
}

/**
 * The path of a stream, as it is below the prefix, in its canonical encoding.
 *
 * @throws {StreamError} `bad-request` if it cannot be the path of a stream of users.
 */
export function checkPath(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw bad(`${name} must be the path of a stream such as "events/a"; got ${show(value)}`)
  }
  if (value.includes('?')) throw bad(`${name} "${clip(value)}" has a "?": write it as %3F`)
  const { path } = parseTarget(value.startsWith('/') ? value : `/${value}`, '')!
  if (isSystemPath(path)) throw bad(`${name} "${clip(path)}" is reserved for the server`)
  return path
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function bad(message: string): StreamError {
  return new StreamError('bad-request', message)
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  return isObject(value) || Array.isArray(value) ? 'an object or list' : clip(JSON.stringify(value))
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
