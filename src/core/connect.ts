import type { Batch, Position } from './batch.ts'
import type { Dynamic, Endpoint } from './endpoint.ts'
import type { StreamErrorOptions } from './errors.ts'
import type { Line } from './line.ts'
import { BEGINNING, isSentinel } from './protocol.ts'
import { readPlain } from './read-plain.ts'
import { readSse } from './read-sse.ts'
import type { Transport } from './read-state.ts'
import { DurableStreamError } from './response-error.ts'

export interface Connection {
  /** Content type of the stream, as far as the answer tells. */
  contentType: string | undefined
  /** Exactly one for a plain read, many for SSE. */
  batches: AsyncIterable<Batch>
}

export interface Ask {
  position: Position
  /** Nothing for a catch-up read. */
  live: Transport | undefined
  cache: RequestCache | undefined
  /** Whether what a cache answered last was of no use. */
  isStale: boolean
  line: Line
}

/** What a request carries on top of what its endpoint always sends. */
export interface Extras {
  headers?: Dynamic | undefined
  params?: Dynamic | undefined
}

/** Opens one response of a stream. */
export type Connect = (ask: Ask) => Promise<Connection>

export function connectTo(endpoint: Endpoint, extras: Extras = {}): Connect {
  /** Of the last plain answer that brought nothing, and where it was asked. */
  let empty: { offset: string; etag: string | null } | undefined

  return async ({ position, live, cache, isStale, line }) => {
    const { offset } = position
    const etag = !live && !isStale && empty?.offset === offset ? empty.etag : undefined
    const response = await endpoint.send({
      method: 'GET',
      query: {
        // The beginning has one URL, so that caches hold it once.
        offset: offset || BEGINNING,
        live,
        cursor: live && position.cursor,
        'cache-buster': isStale ? `${Date.now()}` : undefined,
      },
      headers: { ...extras.headers, 'if-none-match': etag ?? undefined },
      params: extras.params,
      signal: line.signal,
      cache,
      // Refused, SSE may be what the server does not do: the next plain read tells.
      explain: live === 'sse' || isSentinel(offset) ? undefined : explainUnknownOffset,
    })
    if (live === 'sse') {
      return { contentType: undefined, batches: readSse(response, position, line) }
    }
    const batch = await readPlain(response, position, line)
    empty =
      batch.next.offset === offset ? { offset, etag: response.headers.get('etag') } : undefined
    const contentType = response.headers.get('content-type') ?? undefined
    return { contentType, batches: only(batch) }
  }
}

/** An offset that came from the server and is refused now is one that it forgot. */
function explainUnknownOffset(
  { status }: Response,
  message: string,
  options: StreamErrorOptions,
): DurableStreamError | undefined {
  return status === 400 ? new DurableStreamError('gone', message, options) : undefined
}

async function* only(batch: Batch): AsyncGenerator<Batch, void> {
  yield batch
}
