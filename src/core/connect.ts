import type { Batch, Position } from './batch.ts'
import type { Dynamic, Endpoint } from './endpoint.ts'
import type { Line } from './line.ts'
import { loadLive } from './live.ts'
import { isSentinel } from './protocol.ts'
import { readPlain } from './read-plain.ts'
import type { Transport } from './read-state.ts'
import { DurableStreamError } from './response-error.ts'

/** What requests carry on top of what their endpoint always sends, and what their answers tell. */
export interface Reading {
  headers?: Dynamic | undefined
  params?: Dynamic | undefined
  cache?: RequestCache | undefined
  contentType?: string | null
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
) => Promise<AsyncIterable<Batch> | readonly Batch[]>

export function connectTo(endpoint: Endpoint, reading: Reading): Connect {
  /** Where a plain read brought nothing, and what its answer is known by. */
  let emptyAt: string | undefined
  let etag: string | undefined

  return async (position, live, isStale, line) => {
    const { offset } = position
    const response = await endpoint.request({
      method: 'GET',
      query: {
        offset,
        live,
        cursor: live && position.cursor,
        'cache-buster': isStale && Date.now(),
      },
      headers: {
        ...reading.headers,
        'if-none-match': !live && !isStale && emptyAt === offset && etag,
      },
      params: reading.params,
      signal: line.signal,
      cache: isStale ? 'no-store' : reading.cache,
      // An offset that came from the server and is refused now is one that it forgot. But SSE may be
      // what the server does not do: the next plain read tells.
      explain: ({ status }, _code, message, options) =>
        status === 400 && live !== 'sse' && !isSentinel(offset)
          ? new DurableStreamError('gone', message, options)
          : undefined,
    })
    if (live === 'sse') return (await loadLive())!.readSse(response, position, line)
    // Not modified: what brought the reader here would bring nothing once more.
    if (response.status === 304) return [{ ...(position as Batch), parts: [] }]
    const batch = await readPlain(response, position, line)
    reading.contentType ??= response.headers.get('content-type')
    emptyAt = batch.offset === offset ? offset : undefined
    etag = response.headers.get('etag') ?? undefined
    return [batch]
  }
}
