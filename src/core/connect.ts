import type { Batch, Position } from './batch.ts'
import type { Dynamic, Endpoint } from './endpoint.ts'
import type { Line } from './line.ts'
import { isSentinel } from './protocol.ts'
import { readPlain } from './read-plain.ts'
import { readSse } from './read-sse.ts'
import type { Transport } from './read-state.ts'
import { DurableStreamError, type Explain } from './response-error.ts'

/** What requests carry on top of what their endpoint always sends, and what their answers tell. */
export interface Reading {
  headers?: Dynamic | undefined
  params?: Dynamic | undefined
  cache?: RequestCache | undefined
  contentType?: string | undefined
}

/**
 * One response of a stream: exactly one batch by a plain read, many by SSE.
 *
 * @param live nothing for a catch-up read.
 * @param isStale whether the last answer was of no use, and may have come from a cache.
 */
export type Connect = (
  position: Position,
  live: Transport | undefined,
  isStale: boolean,
  line: Line,
) => AsyncIterable<Batch>

export function connectTo(endpoint: Endpoint, reading: Reading): Connect {
  /** Where a plain read brought nothing, and what its answer is known by. */
  let emptyAt: string | undefined
  let etag: string | undefined

  return async function* (position, live, isStale, line) {
    const { offset } = position
    const known = live || isStale || emptyAt !== offset ? undefined : etag
    const response = await endpoint.request({
      method: 'GET',
      query: {
        offset,
        live,
        cursor: live && position.cursor,
        'cache-buster': isStale ? `${Date.now()}` : undefined,
      },
      headers: { ...reading.headers, 'if-none-match': known },
      params: reading.params,
      signal: line.signal,
      cache: isStale ? 'no-store' : reading.cache,
      // Refused, SSE may be what the server does not do: the next plain read tells.
      explain: live === 'sse' || isSentinel(offset) ? undefined : explainUnknownOffset,
    })
    if (live === 'sse') return yield* readSse(response, position, line)
    // Not modified: what brought the reader here would bring nothing once more.
    if (response.status === 304) return yield { ...(position as Batch), parts: [] }
    const batch = await readPlain(response, position, line)
    reading.contentType ??= response.headers.get('content-type') ?? undefined
    emptyAt = batch.offset === offset ? offset : undefined
    etag = response.headers.get('etag') ?? undefined
    yield batch
  }
}

/** An offset that came from the server and is refused now is one that it forgot. */
const explainUnknownOffset: Explain = ({ status }, message, options) =>
  status === 400 ? new DurableStreamError('gone', message, options) : undefined
