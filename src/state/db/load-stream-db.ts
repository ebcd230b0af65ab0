import type { JsonBatch } from '../../core/batch.ts'
import { StreamError } from '../../core/errors.ts'
import { BEGINNING } from '../../core/protocol.ts'
import type { StateDefinition } from '../definition.ts'
import { createDeferred } from '../deferred.ts'
import type { DehydratedStreamDB } from '../hydration.ts'
import { dehydrateStreamDB } from '../ssr/dehydrate-stream-db.ts'
import { createStreamDB } from './create-stream-db.ts'
import { streamOf, type StreamDBOptions } from './options.ts'
import type { StateStream } from './state-stream.ts'

/** Of the options of a database, those that matter while its rows are loaded. */
export interface LoadStreamDBOptions<Definition extends StateDefinition>
  extends Pick<
    StreamDBOptions<Definition, Record<never, never>>,
    'streamOptions' | 'stream' | 'state' | 'schemaVersion' | 'onInvalid'
  > {
  /** So long it may take, tries included, in milliseconds. Default 5,000. */
  timeoutMs?: number
  /** Ends the load. */
  signal?: AbortSignal | undefined
}

/**
 * Reads all rows of a stream on a server, to go into a page. A stream that is missing has no rows,
 * and is not made.
 *
 * @param path names the rows in the page: the key of the hooks. Default: the path of the stream below
 *   `/v1/stream/`.
 *
 * @example
 * const rows = await loadStreamDB({ streamOptions: { url }, state: schema })
 *
 * @throws {StreamError} `timeout`; what makes reading impossible; the reason of the signal.
 */
export async function loadStreamDB<const Definition extends StateDefinition>(
  { timeoutMs = 5_000, signal, ...options }: LoadStreamDBOptions<Definition>,
  path?: string,
): Promise<DehydratedStreamDB> {
  signal?.throwIfAborted()
  const stream = asItIs(streamOf(options))
  const { streamOptions: _, ...rest } = options
  const db = createStreamDB({ ...rest, stream, live: false })
  const ended = createDeferred<never>()
  const onAbort = (): void => ended.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  const timer = setTimeout(() => ended.reject(late(stream.url, timeoutMs)), timeoutMs)
  try {
    await Promise.race([db.preload(), ended.promise])
    return dehydrateStreamDB(db, path)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    db.close()
  }
}

const NOTHING: JsonBatch = { items: [], offset: BEGINNING, upToDate: true, streamClosed: false }

/** The stream, but that one that is missing is an empty one, and stays missing. */
function asItIs(stream: StateStream): StateStream {
  const missing = new StreamError('not-found', `There is no stream at ${stream.url}`)
  return {
    url: stream.url,
    append: (event) => stream.append(event),
    appendAll: (events) => stream.appendAll(events),
    create: () => Promise.reject(missing),
    async *follow(options) {
      try {
        yield* stream.follow(options)
      } catch (error) {
        if (error !== missing) throw error
        yield NOTHING
      }
    },
  }
}

function late(url: string, timeoutMs: number): StreamError {
  return new StreamError(
    'timeout',
    `${url} was not read within ${timeoutMs} ms: give loadStreamDB a longer timeoutMs, or let the page load its rows`,
  )
}
