import { StreamError } from '../../src/core/errors.ts'

const SPACE = 0x20
const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Ends each stored message. LF cannot be within one: JSON strings escape it, elsewhere it is space. */
export const MESSAGE_END: Uint8Array = Uint8Array.of(COMMA, LF)

/**
 * Turns a posted JSON text into the bytes that a JSON stream stores: the raw text of each message,
 * never re-serialized, followed by `,\n`. An array is flattened by one level. Protocol section 6.
 *
 * @returns no bytes for an empty array.
 * @throws {StreamError} `bad-request` if the body is not JSON in UTF-8.
 */
export function encodeMessages(body: Uint8Array): Uint8Array {
  assertJson(body)
  const start = skipSpace(body, 0)
  const bounds =
    body[start] === OPEN_ARRAY ? elementBounds(body, start) : [start, trimEnd(body, body.length)]
  const stored = joinMessages(body, bounds)
  if (body.includes(LF) || body.includes(CR)) flattenLines(stored, bounds)
  return stored
}

function assertJson(body: Uint8Array): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
  } catch (cause) {
    throw new StreamError(
      'bad-request',
      `The body is not valid JSON: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

/** Start and end of each element of the array that opens at `open`, one after the other. */
function elementBounds(body: Uint8Array, open: number): number[] {
  const bounds: number[] = []
  let start = skipSpace(body, open + 1)
  if (body[start] === CLOSE_ARRAY) return bounds
  let depth = 0
  for (let i = start; ; i++) {
    const byte = body[i]
    if (byte === QUOTE) i = closingQuote(body, i)
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++
    else if (depth > 0 && (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)) depth--
    else if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) {
      bounds.push(start, trimEnd(body, i))
      if (byte === CLOSE_ARRAY) return bounds
      start = skipSpace(body, i + 1)
    }
  }
}

function joinMessages(body: Uint8Array, bounds: readonly number[]): Uint8Array {
  let length = 0
  for (let i = 0; i < bounds.length; i += 2) length += bounds[i + 1]! - bounds[i]! + 2
  const stored = new Uint8Array(length)
  let at = 0
  for (let i = 0; i < bounds.length; i += 2) {
    stored.set(body.subarray(bounds[i], bounds[i + 1]), at)
    at += bounds[i + 1]! - bounds[i]!
    stored.set(MESSAGE_END, at)
    at += MESSAGE_END.length
  }
  return stored
}

/** Makes line breaks within messages, which can only be insignificant space, spaces. */
function flattenLines(stored: Uint8Array, bounds: readonly number[]): void {
  let at = 0
  for (let i = 0; i < bounds.length; i += 2) {
    const end = at + bounds[i + 1]! - bounds[i]!
    for (; at < end; at++) if (stored[at] === LF || stored[at] === CR) stored[at] = SPACE
    at += MESSAGE_END.length
  }
}

function closingQuote(body: Uint8Array, open: number): number {
  let i = open + 1
  while (body[i] !== QUOTE) i += body[i] === BACKSLASH ? 2 : 1
  return i
}

function skipSpace(body: Uint8Array, from: number): number {
  while (isSpace(body[from])) from++
  return from
}

function trimEnd(body: Uint8Array, end: number): number {
  while (isSpace(body[end - 1])) end--
  return end
}

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB
}
