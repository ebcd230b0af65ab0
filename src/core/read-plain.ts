import type { Batch, Position } from './batch.ts'
import { StreamError } from './errors.ts'
import type { Line } from './line.ts'
import { CLOSED, CURSOR, NEXT_OFFSET, UP_TO_DATE, isJson } from './protocol.ts'
import { createUtf8Decoder } from './text.ts'

/**
 * Reads an answer to a catch-up or a long-poll request: one batch. JSON is decoded as it comes.
 * Protocol section 5.
 */
export async function readPlain(response: Response, from: Position, line: Line): Promise<Batch> {
  const { headers } = response
  const offset = headers.get(NEXT_OFFSET)
  if (offset === null) throw notAStream(response)
  const decode = isJson(headers.get('content-type')) && createUtf8Decoder()
  let text = ''
  const parts: (string | Uint8Array)[] = []
  for await (const chunk of line.read(response)) {
    if (decode) text += decode(chunk)
    else parts.push(chunk)
  }
  if (text) parts.push(text)
  return {
    parts,
    offset,
    cursor: headers.get(CURSOR) ?? from.cursor,
    upToDate: headers.get(UP_TO_DATE) === 'true',
    streamClosed: headers.get(CLOSED) === 'true',
  }
}

export function notAStream({ url, headers }: Response): StreamError {
  return new StreamError(
    'malformed',
    `${url} is no stream: it sent ${headers.get('content-type')}: check the URL, and the streamwell() Vite plugin`,
  )
}
