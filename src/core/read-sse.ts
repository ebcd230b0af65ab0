import type { Batch, Position } from './batch.ts'
import type { Line } from './line.ts'
import { SSE_CONTENT_TYPE, SSE_ENCODING } from './protocol.ts'
import { parseJson } from './parse-json.ts'
import { notAStream } from './read-plain.ts'
import { createSseParser } from './sse-parser.ts'
import { createUtf8Decoder } from './text.ts'

interface Control {
  streamNextOffset: string
  streamCursor?: string
  upToDate?: boolean
  streamClosed?: boolean
}

/**
 * Reads an SSE answer: a batch of all data events that came together, up to the last control event
 * among them. Data without its control event is dropped, since the next connection starts from the
 * offset before it: so nothing comes twice. Protocol section 5.
 */
export async function* readSse(
  response: Response,
  from: Position,
  line: Line,
): AsyncGenerator<Batch, void> {
  if (!response.headers.get('content-type')?.startsWith(SSE_CONTENT_TYPE)) {
    throw notAStream(response)
  }
  const isBase64 = response.headers.get(SSE_ENCODING) === 'base64'
  let { cursor } = from
  const arrived: (Uint8Array | string)[] = []
  let whole: number
  let last: string
  const parse = createSseParser((event, data) => {
    if (event === 'data') arrived.push(isBase64 ? decodeBase64(data) : data)
    if (event !== 'control') return
    whole = arrived.length
    last = data
  })

  const decode = createUtf8Decoder()
  for await (const chunk of line.read(response)) {
    last = ''
    parse(decode(chunk))
    if (!last) continue
    const control = parseJson<Control>(
      last,
      ({ streamNextOffset }) => typeof streamNextOffset === 'string',
      `${response.url} sent no offset: ${last}`,
    )
    cursor = control.streamCursor ?? cursor
    yield {
      parts: arrived.splice(0, whole!),
      offset: control.streamNextOffset,
      cursor,
      upToDate: !!(control.upToDate || control.streamClosed),
      streamClosed: !!control.streamClosed,
    }
  }
}

/** Base64 may be spread over several `data:` lines; white space in it means nothing. */
function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
