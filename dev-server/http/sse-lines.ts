import { MESSAGE_END } from '../operations/json-messages.ts'

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
/** Shorter runs are copied byte by byte: a view of them costs more. */
const SHORT = 64

const encoder = new TextEncoder()
const DATA = encoder.encode('data:')
const OPEN = encoder.encode('data:[')
const CLOSE = encoder.encode(']\n\n')
const NOTHING = new Uint8Array(0)

/**
 * Stored messages as the lines of an event: one array, a message to a line. LF stands between messages
 * and nowhere else.
 *
 * @param before what goes before the lines, in the same array; `after` what follows them
 */
export function jsonLines(
  bytes: Uint8Array,
  before: Uint8Array = NOTHING,
  after: Uint8Array = NOTHING,
): Uint8Array {
  const end = bytes.length - MESSAGE_END.length
  let breaks = 0
  for (let i = bytes.indexOf(LF); i >= 0 && i < end; i = bytes.indexOf(LF, i + 1)) breaks += 1

  const length = OPEN.length + end + breaks * DATA.length + CLOSE.length
  const out = new Uint8Array(before.length + length + after.length)
  out.set(before)
  let at = copy(OPEN, 0, OPEN.length, out, before.length)
  let start = 0
  for (let left = breaks; left > 0; left--) {
    const next = bytes.indexOf(LF, start) + 1
    at = copy(bytes, start, next, out, at)
    at = copy(DATA, 0, DATA.length, out, at)
    start = next
  }
  at = copy(bytes, start, end, out, at)
  at = copy(CLOSE, 0, CLOSE.length, out, at)
  out.set(after, at)
  return out
}

/**
 * A text as the lines of an event; CR, LF and CRLF each end one. A parser drops one space after the
 * colon, so a line that begins with a space gets another.
 *
 * @param before what goes before the lines, in the same array; `after` what follows them
 */
export function textLines(
  bytes: Uint8Array,
  before: Uint8Array = NOTHING,
  after: Uint8Array = NOTHING,
): Uint8Array {
  const out = new Uint8Array(before.length + textLength(bytes) + after.length)
  out.set(before)
  let at = before.length
  for (let start = 0; start <= bytes.length; ) {
    const end = lineEndFrom(bytes, start)
    at = copy(DATA, 0, DATA.length, out, at)
    if (bytes[start] === SPACE) out[at++] = SPACE
    at = copy(bytes, start, end, out, at)
    out[at++] = LF
    start = afterLine(bytes, end)
  }
  out[at++] = LF
  out.set(after, at)
  return out
}

function textLength(bytes: Uint8Array): number {
  let length = 1
  for (let start = 0; start <= bytes.length; ) {
    const end = lineEndFrom(bytes, start)
    length += DATA.length + (bytes[start] === SPACE ? 1 : 0) + end - start + 1
    start = afterLine(bytes, end)
  }
  return length
}

function lineEndFrom(bytes: Uint8Array, start: number): number {
  let end = start
  while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++
  return end
}

function afterLine(bytes: Uint8Array, end: number): number {
  return end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1)
}

/** @returns the position in `to` after what was copied. */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): number {
  if (end - start >= SHORT) to.set(from.subarray(start, end), at)
  else for (let i = start; i < end; i++) to[at + i - start] = from[i]!
  return at + end - start
}
