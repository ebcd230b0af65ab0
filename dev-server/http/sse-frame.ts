import { MESSAGE_END } from '../operations/json-messages.ts'
import { formatOffset } from '../operations/offset.ts'
import { byteLength, firstBytes, wholeLength } from '../operations/page.ts'
import { concatBytes, toBase64 } from './bytes.ts'
import type { Framing } from '../operations/content-type.ts'
import type { Page } from '../operations/read.ts'

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20

/** A page on the wire: a data event, if it has data, and the control event that belongs to it. */
export interface Frame {
  bytes: Uint8Array
  /** Whether there is a data event. */
  hasData: boolean
  /** Position that the control event tells. */
  next: number
  upToDate: boolean
  closed: boolean
}

const encoder = new TextEncoder()
const EVENT = encoder.encode('event: data\n')
const DATA = encoder.encode('data:')
const DATA_SPACE = encoder.encode('data: ')
const OPEN = encoder.encode('data:[')
const CLOSE = encoder.encode(']\n\n')
const LINE_END = encoder.encode('\n')
const END = encoder.encode('\n\n')

/**
 * Encodes a page as server-sent events. Text that ends within a character waits for the rest of it,
 * unless there will be none. Protocol section 5, SSE.
 */
export function encodeFrame(page: Page, framing: Framing, cursor: string): Frame {
  const bytes =
    framing === 'text' && !page.closed
      ? firstBytes(page.bytes, wholeLength(page.bytes, framing))
      : page.bytes
  const { upToDate, closed } = page
  const next = page.start + byteLength(bytes)
  const state = closed ? '"streamClosed":true' : `"streamCursor":"${cursor}"`
  const reached = upToDate ? ',"upToDate":true' : ''
  const control = `event: control\ndata:{"streamNextOffset":"${formatOffset(next)}",${state}${reached}}\n\n`
  const hasData = bytes.length > 0
  const data = hasData ? [EVENT, ...dataLines(bytes, framing)] : []
  const whole = concatBytes([...data, encoder.encode(control)])
  return { bytes: whole, hasData, next, upToDate, closed }
}

/** The `data:` lines of an event and the empty line that ends it. */
function dataLines(bytes: readonly Uint8Array[], framing: Framing): Uint8Array[] {
  switch (framing) {
    case 'binary':
      return [DATA, encoder.encode(toBase64(concatBytes(bytes))), END]
    case 'text':
      return textLines(concatBytes(bytes))
    case 'json':
      return jsonLines(concatBytes(bytes))
    default:
      return framing satisfies never
  }
}

/** One array, a message to a line. LF stands between messages and nowhere else. */
function jsonLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [OPEN]
  const end = bytes.length - MESSAGE_END.length
  for (let start = 0; ; ) {
    const lineEnd = bytes.indexOf(LF, start)
    if (lineEnd < 0 || lineEnd >= end) {
      lines.push(bytes.subarray(start, end), CLOSE)
      return lines
    }
    lines.push(bytes.subarray(start, lineEnd + 1), DATA)
    start = lineEnd + 1
  }
}

/** A parser drops one space after the colon, so a line that begins with a space gets another. */
function textLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let start = 0; start <= bytes.length; ) {
    const end = lineEndFrom(bytes, start)
    lines.push(bytes[start] === SPACE ? DATA_SPACE : DATA, bytes.subarray(start, end), LINE_END)
    start = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1)
  }
  lines.push(LINE_END)
  return lines
}

function lineEndFrom(bytes: Uint8Array, start: number): number {
  let end = start
  while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++
  return end
}
