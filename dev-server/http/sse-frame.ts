import { formatOffset } from '../operations/offset.ts'
import { byteLength, firstBytes, wholeLength } from '../operations/page.ts'
import type { Framing } from '../operations/content-type.ts'
import type { Page } from '../operations/read.ts'

/** A page on the wire: a data event, if it has data, and the control event that belongs to it. */
export interface Frame {
  bytes: Buffer
  /** Whether there is a data event. */
  hasData: boolean
  /** Position that the control event tells. */
  next: number
  upToDate: boolean
  closed: boolean
}

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
  const control = JSON.stringify({
    streamNextOffset: formatOffset(next),
    ...(closed ? { streamClosed: true } : { streamCursor: cursor }),
    ...(upToDate && { upToDate }),
  })
  const hasData = bytes.length > 0
  const data = hasData ? `event: data\n${dataLines(Buffer.concat(bytes), framing)}\n` : ''
  // Latin-1 both ways: bytes pass through unchanged, and such strings are the cheapest.
  const text = `${data}event: control\ndata:${control}\n\n`
  return { bytes: Buffer.from(text, 'latin1'), hasData, next, upToDate, closed }
}

function dataLines(bytes: Buffer, framing: Framing): string {
  switch (framing) {
    case 'binary':
      return `data:${bytes.toString('base64')}\n`
    case 'text':
      return textLines(bytes.toString('latin1'))
    case 'json': {
      const withoutLastEnd = bytes.toString('latin1', 0, bytes.length - 2)
      return `data:[${withoutLastEnd.replaceAll('\n', '\ndata:')}]\n`
    }
    default:
      return framing satisfies never
  }
}

/** A parser drops one space after the colon, so a line that begins with a space gets another. */
function textLines(text: string): string {
  const lines = text.split(/\r\n|\r|\n/)
  return lines.map((line) => `data:${line.startsWith(' ') ? ' ' : ''}${line}\n`).join('')
}
