import { formatOffset } from '../operations/offset.ts'
import { byteLength, firstBytes, wholeLength } from '../operations/page.ts'
import { concatBytes, toBase64 } from './bytes.ts'
import { jsonLines, textLines } from './sse-lines.ts'
import type { Framing } from '../operations/content-type.ts'
import type { Page } from '../operations/read.ts'

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
const DATA = encoder.encode('data:')
const END = encoder.encode('\n\n')

/**
 * Encodes a page as server-sent events. Text that ends within a character waits for the rest of it,
 * unless there will be none. Protocol section 5, SSE.
 *
 * @param name a line that stands in each event, with its end; by default there is none
 */
export function encodeFrame(page: Page, framing: Framing, cursor: string, name = ''): Frame {
  const bytes =
    framing === 'text' && !page.closed
      ? firstBytes(page.bytes, wholeLength(page.bytes, framing))
      : page.bytes
  const { upToDate, closed } = page
  const next = page.start + byteLength(bytes)
  const state = closed ? '"streamClosed":true' : `"streamCursor":"${cursor}"`
  const reached = upToDate ? ',"upToDate":true' : ''
  const control = `event: control\n${name}data:{"streamNextOffset":"${formatOffset(next)}",${state}${reached}}\n\n`
  const hasData = bytes.length > 0
  const end = encoder.encode(control)
  const whole = hasData ? dataEvent(bytes, framing, eventHead(name), end) : end
  return { bytes: whole, hasData, next, upToDate, closed }
}

const NAMELESS = encoder.encode('event: data\n')

function eventHead(name: string): Uint8Array {
  return name === '' ? NAMELESS : encoder.encode(`event: data\n${name}`)
}

/** A data event and what follows it, in one array. */
function dataEvent(
  bytes: readonly Uint8Array[],
  framing: Framing,
  head: Uint8Array,
  after: Uint8Array,
): Uint8Array {
  const data = concatBytes(bytes)
  switch (framing) {
    case 'binary':
      return concatBytes([head, DATA, encoder.encode(toBase64(data)), END, after])
    case 'text':
      return textLines(data, head, after)
    case 'json':
      return jsonLines(data, head, after)
    default:
      return framing satisfies never
  }
}
