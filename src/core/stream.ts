import { type BackoffPolicy, DEFAULT_BACKOFF } from './backoff.ts'
import type { Batch } from './batch.ts'
import { connectTo } from './connect.ts'
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts'
import { follow } from './follow.ts'
import { BEGINNING } from './protocol.ts'
import type { LiveMode } from './read-state.ts'
import type { StreamStatus } from './status.ts'
import { StreamResponse } from './stream-response.ts'

export interface ReadOptions {
  /** Where to start: an offset that the server gave, `"-1"` for the beginning (default), or `"now"`. */
  offset?: string | undefined
  /**
   * What to do at the end: stop there (`false`), or go on with what comes: by SSE with long-poll as
   * the fallback (`true`, the default), by `"sse"` or by `"long-poll"` alone. Protocol section 5.
   */
  live?: LiveMode | undefined
  /** Ends the reading when it aborts. */
  signal?: AbortSignal | undefined
  /** Called at each change of the connection's status. */
  onStatus?: ((status: StreamStatus) => void) | undefined
  backoff?: Partial<BackoffPolicy> | undefined
  /**
   * How the browser's cache is used, as for `fetch`. By default history may come from it, some
   * minutes old, and what is live makes up for that; `"no-cache"` asks the server first.
   */
  cache?: RequestCache | undefined
}

export type StreamOptions = EndpointOptions & ReadOptions

/**
 * Opens a stream for reading and resolves once the server has answered. Then read it by one method
 * of the response, all at once (`json`, `text`, `body`) or as it comes (`subscribeJson`, …).
 *
 * @example
 * const response = await stream<Message>({ url, live: false })
 * const messages = await response.json()
 *
 * @throws {StreamError} `not-found` for an unknown stream, `disconnected` when no server answers
 *   (after `backoff.maxAttempts` tries, default 6), `malformed` for an address that is no stream.
 */
export function stream<Item = unknown>(options: StreamOptions): Promise<StreamResponse<Item>> {
  return openStream<Item>(createEndpoint(options), options)
}

export async function openStream<Item>(
  endpoint: Endpoint,
  options: ReadOptions,
): Promise<StreamResponse<Item>> {
  const controller = linkedController(options.signal)
  let contentType: string | undefined
  const connect = connectTo(endpoint)
  const batches = follow({
    connect: async (ask) => {
      const connection = await connect(ask)
      contentType ??= connection.contentType
      return connection
    },
    from: { offset: options.offset || BEGINNING },
    live: options.live ?? true,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    signal: controller.signal,
    onStatus: options.onStatus,
    cache: options.cache,
  })
  const first = await batches.next()
  return new StreamResponse<Item>({
    url: endpoint.url.href,
    contentType: contentType ?? 'application/octet-stream',
    startOffset: options.offset || BEGINNING,
    live: options.live ?? true,
    batches: startingWith(first, batches),
    controller,
  })
}

async function* startingWith(
  first: IteratorResult<Batch, void>,
  rest: AsyncGenerator<Batch, void>,
): AsyncGenerator<Batch, void> {
  if (first.done) return
  yield first.value
  yield* rest
}

/** A controller of our own that the caller's signal aborts too; the listener goes when it aborts. */
function linkedController(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController()
  if (signal?.aborted) controller.abort(signal.reason)
  signal?.addEventListener('abort', () => controller.abort(signal.reason), {
    once: true,
    signal: controller.signal,
  })
  return controller
}
