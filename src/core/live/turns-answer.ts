import { joinBytes } from '../decode.ts'
import {
  CLOSED,
  CURSOR,
  isJson,
  NEXT_OFFSET,
  NOW,
  SSE_CONTENT_TYPE,
  SSE_ENCODING,
  UP_TO_DATE,
} from '../protocol.ts'
import { createUtf8Decoder } from '../text.ts'
import type { TurnReader } from './turns-reader.ts'

/** So often, in milliseconds, a reader is told that its server still answers. */
const PULSE_MS = 5000

/** As long as servers keep a response open, in milliseconds: who asks again asks for tokens anew. */
const LIFETIME_MS = 60_000

/** As long as servers keep a long-poll waiting, in milliseconds. */
const POLL_MS = 20_000

const encoder = new TextEncoder()
const PULSE = encoder.encode(':\n\n')

/** A whole answer to a plain read or a long-poll. */
export interface TurnAnswer {
  status: number
  headers: Headers
  bytes: Uint8Array<ArrayBuffer>
}

/**
 * Passes on what a turn has brought, as the kind of answer that the reader has asked for.
 *
 * @returns whether it was any news.
 */
export function tell(reader: TurnReader, { status, headers, bytes }: TurnAnswer): boolean {
  const { offset, isSse } = reader
  const says = (name: string): boolean => headers.get(name) === 'true'
  // Of a reader by SSE it is not known yet what it reads: that must be told first.
  const isEmpty = status === 204 && (!isSse || reader.isAnswered())
  const isClosed = says(CLOSED)
  const upToDate = isEmpty || says(UP_TO_DATE)
  let next = headers.get(NEXT_OFFSET)

  if (!isEmpty && (status !== 200 || next === null)) {
    // The refusal is for the next request, when this one has its answer already.
    if (reader.isAnswered()) reader.end()
    else reader.answer(status, headers, bytes)
    return true
  }
  next ??= offset
  reader.cursor = headers.get(CURSOR) ?? reader.cursor
  const isFirst = !reader.isAnswered()
  const isNews = next !== offset && offset !== NOW
  if (!isSse) {
    reader.offset = next
    if (!isNews && !isClosed) return false
    reader.answer(status, headers, bytes)
    return true
  }
  if (isFirst) {
    const type = headers.get('content-type')
    reader.isJson = isJson(type)
    reader.tail = /^text\//i.test(type!) ? bytes.subarray(0, 0) : undefined
    reader.answer(200, {
      'content-type': SSE_CONTENT_TYPE,
      ...(!reader.isJson && { [SSE_ENCODING]: 'base64' }),
    })
  }
  reader.offset = next
  if (isNews && reader.tail) reader.tail = joinBytes([reader.tail, bytes.subarray(-4)]).slice(-4)
  if (isNews || isFirst || isClosed || !upToDate) {
    const data = isNews && bytes.length ? dataEvent(bytes, reader.isJson) : ''
    reader.push(encoder.encode(data + controlEvent(next, reader.cursor, upToDate, isClosed)))
  } else if (Date.now() - reader.toldAt >= PULSE_MS) reader.push(PULSE)
  // Who is behind catches up by plain reads, outside of all turns.
  if (isClosed || !upToDate) reader.end()
  return isNews
}

/** Ends for a while what cannot go on for ever, as servers do. */
export function retire(reader: TurnReader): void {
  const { isSse, offset, cursor } = reader
  const ageMs = Date.now() - reader.joinedAt
  if (isSse && ageMs >= LIFETIME_MS && !isSplit(reader)) reader.end()
  if (!isSse && ageMs >= POLL_MS) {
    reader.answer(204, {
      [NEXT_OFFSET]: offset,
      [UP_TO_DATE]: 'true',
      ...(cursor && { [CURSOR]: cursor }),
    })
  }
}

/** JSON as text, whose line ends are white space; all else as it is stored, bit for bit. */
function dataEvent(bytes: Uint8Array, isText: boolean): string {
  const data = isText
    ? new TextDecoder().decode(bytes).replaceAll(/[\r\n]+/g, '\ndata:')
    : btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''))
  return `event: data\ndata:${data}\n\n`
}

function controlEvent(
  streamNextOffset: string,
  cursor: string | null,
  upToDate: boolean,
  streamClosed: boolean,
): string {
  const streamCursor = cursor ?? undefined
  const control = { streamNextOffset, streamCursor, upToDate, streamClosed }
  return `event: control\ndata:${JSON.stringify(control)}\n\n`
}

/**
 * Whether it has text that ends within a character: the rest can only be read as bytes. Nobody who
 * asks for SSE there can read it.
 */
export function isSplit({ tail }: TurnReader): boolean {
  const decode = createUtf8Decoder()
  if (tail) decode(tail)
  return decode() !== ''
}
