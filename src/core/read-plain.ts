import type { Batch, Position } from './batch.ts'
import { StreamError } from './errors.ts'
import { HEADER } from './protocol.ts'
import { disconnected } from './response-error.ts'

/** Reads an answer to a catch-up or a long-poll request: one batch. Protocol section 5. */
export async function readPlain(response: Response, from: Position): Promise<Batch> {
  const { headers, url } = response
  const offset = headers.get(HEADER.nextOffset)
  if (offset === null) throw notAStream(response)
  const bytes = await response.arrayBuffer().catch((cause: unknown) => {
    throw disconnected('GET', new URL(url), cause)
  })
  return {
    parts: bytes.byteLength === 0 ? [] : [new Uint8Array(bytes)],
    next: { offset, cursor: headers.get(HEADER.cursor) ?? from.cursor },
    upToDate: headers.get(HEADER.upToDate) === 'true',
    closed: headers.get(HEADER.closed) === 'true',
  }
}

export function notAStream({ url, headers }: Response): StreamError {
  return new StreamError(
    'malformed',
    `${url} is no durable stream: it answered ${headers.get('content-type')} without Stream-Next-Offset. ` +
      'Is the URL right, and in development, is the streamwell() Vite plugin installed?',
  )
}
