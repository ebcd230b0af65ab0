import { StreamError } from '../../src/core/errors.ts'
import {
  ACTIONS,
  AFTER_VALUE,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  FIRST_ITEM,
  KEY,
  NEXT,
  OPEN_ARRAY,
  OPEN_OBJECT,
  SPACE,
  STEPS,
  VALUE,
} from './json-grammar.ts'

const BLANK = 0x20
const LF = 0x0a
const CR = 0x0d
const COMMA = 0x2c
const STATE = 0xff
const FIRST_LEVELS = 64

/** Ends each stored message. LF cannot be within one: JSON strings escape it, elsewhere it is space. */
export const MESSAGE_END: Uint8Array = Uint8Array.of(COMMA, LF)

/** A JSON text of which a part has been read: all that the bytes before mean to those that follow. */
export interface JsonScan {
  /** Messages that are complete. */
  count: number
  /** Bytes read. */
  read: number
  state: number
  depth: number
  /** The depth of messages: 1 within the outermost array, which is flattened; 0 without one. */
  base: 0 | 1
  /** One bit for each level that is open, set for an object: a level costs its sender a whole byte. */
  objects: Uint8Array
}

export function beginScan(): JsonScan {
  const objects = new Uint8Array(FIRST_LEVELS / 8)
  return { count: 0, read: 0, state: VALUE, depth: 0, base: 0, objects }
}

/**
 * Reads the next part of a JSON text, cut anywhere, and writes the messages in it to `out` as a
 * JSON stream stores them.
 *
 * @param out room for two bytes for each of `part`
 * @returns the number of bytes written.
 * @throws {StreamError} `bad-request` at the first byte that no JSON text in UTF-8 has there.
 */
export function scanPart(scan: JsonScan, part: Uint8Array, out: Uint8Array): number {
  let state = scan.state
  let length = 0
  for (let i = 0; i < part.length; i++) {
    const byte = part[i]!
    const step = STEPS[(state << 8) | byte]!
    if (step < ACTIONS) {
      out[length++] = byte
      state = step
    } else if ((step & ~STATE) === SPACE) {
      if (scan.depth > scan.base) out[length++] = byte === LF || byte === CR ? BLANK : byte
      state = step & STATE
    } else {
      const effect = act(scan, step & ~STATE, state)
      if (effect === 'refuse') throw notJson(`${describe(byte)} at byte ${scan.read + i}`)
      if (effect === 'keep') out[length++] = byte
      if (effect === 'end-message') length = endMessage(scan, out, length)
      state = (step & ~STATE) === NEXT ? stateAfterComma(scan) : step & STATE
    }
  }
  scan.state = state
  scan.read += part.length
  return length
}

/**
 * Ends a JSON text: writes to `out` what is left to write, at most two bytes.
 *
 * @returns the number of bytes written.
 * @throws {StreamError} `bad-request` if the text has no value, or ends within it.
 */
export function endScan(scan: JsonScan, out: Uint8Array): number {
  // A number has no end of its own; the space that may follow any value ends it.
  const step = STEPS[(scan.state << 8) | BLANK]!
  if (scan.depth > 0 || step !== (SPACE | AFTER_VALUE)) throw notJson('it ends too early')
  return scan.base === 0 ? endMessage(scan, out, 0) : 0
}

type Effect = 'keep' | 'leave-out' | 'end-message' | 'refuse'

/** What becomes of a bracket or comma that `action` asks about. */
function act(scan: JsonScan, action: number, state: number): Effect {
  switch (action) {
    case OPEN_ARRAY:
      if (scan.depth === 0) scan.base = 1
      open(scan, false)
      return scan.depth === scan.base ? 'leave-out' : 'keep'
    case OPEN_OBJECT:
      open(scan, true)
      return 'keep'
    case CLOSE_ARRAY:
      if (scan.depth === 0 || isInObject(scan)) return 'refuse'
      if (--scan.depth >= scan.base) return 'keep'
      return state === FIRST_ITEM ? 'leave-out' : 'end-message'
    case CLOSE_OBJECT:
      if (scan.depth === 0 || !isInObject(scan)) return 'refuse'
      scan.depth--
      return 'keep'
    case NEXT:
      if (scan.depth === 0) return 'refuse'
      return scan.depth === scan.base ? 'end-message' : 'keep'
    default:
      return 'refuse'
  }
}

function stateAfterComma(scan: JsonScan): number {
  return isInObject(scan) ? KEY : VALUE
}

function endMessage(scan: JsonScan, out: Uint8Array, length: number): number {
  scan.count++
  out[length++] = COMMA
  out[length++] = LF
  return length
}

function open(scan: JsonScan, isObject: boolean): void {
  const index = scan.depth >> 3
  if (index === scan.objects.length) scan.objects = grow(scan.objects)
  const bit = 1 << (scan.depth & 7)
  if (isObject) scan.objects[index]! |= bit
  else scan.objects[index]! &= ~bit
  scan.depth++
}

function isInObject(scan: JsonScan): boolean {
  const level = scan.depth - 1
  return ((scan.objects[level >> 3]! >> (level & 7)) & 1) === 1
}

function grow(bytes: Uint8Array): Uint8Array {
  const grown = new Uint8Array(bytes.length * 2)
  grown.set(bytes)
  return grown
}

function describe(byte: number): string {
  const isPrintable = byte > BLANK && byte < 0x7f
  return isPrintable ? `unexpected ${String.fromCharCode(byte)}` : `unexpected 0x${hex(byte)}`
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function notJson(fault: string): StreamError {
  return new StreamError('bad-request', `The body is not valid JSON: ${fault}`)
}
