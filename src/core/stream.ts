import { linkedController } from './abort-link.ts'
import type { Reading } from './connect.ts'
import { createResponse } from './create-response.ts'
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts'
import { follow } from './follow.ts'
import { BEGINNING } from './protocol.ts'
import type { ReadOptions } from './read-options.ts'
import type { StreamResponse } from './stream-response.ts'

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
  const { live = true, offset } = options
  const reading: ReadOptions & Reading = { ...options }
  const batches = follow(endpoint, reading, controller.signal)
  try {
    const first = await batches.next()
    controller.signal.throwIfAborted()
    const about = {
      url: endpoint.url.href,
      contentType: reading.contentType ?? 'application/octet-stream',
      startOffset: offset || BEGINNING,
      live,
    }
    return createResponse<Item>(about, first.value!, batches, controller)
  } catch (error) {
    // Frees the caller's signal of our listener.
    controller.abort(error)
    throw error
  }
}
