import type { Batch, Position } from './batch.ts'
import type { Endpoint } from './endpoint.ts'
import { BEGINNING } from './protocol.ts'
import { readPlain } from './read-plain.ts'
import { readSse } from './read-sse.ts'
import type { Transport } from './read-state.ts'

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
  signal: AbortSignal
}

/** Opens one response of a stream. */
export type Connect = (ask: Ask) => Promise<Connection>

export function connectTo(endpoint: Endpoint): Connect {
  return async ({ position, live, cache, signal }) => {
    const response = await endpoint.send({
      method: 'GET',
      query: {
        // The beginning has one URL, so that caches hold it once.
        offset: position.offset || BEGINNING,
        live,
        cursor: live && position.cursor,
      },
      signal,
      cache,
    })
    if (live === 'sse') {
      return { contentType: undefined, batches: readSse(response, position) }
    }
    const batch = await readPlain(response, position)
    const contentType = response.headers.get('content-type') ?? undefined
    return { contentType, batches: only(batch) }
  }
}

async function* only(batch: Batch): AsyncGenerator<Batch, void> {
  yield batch
}
