import { DEFAULT_BACKOFF } from './backoff.ts'
import type { Batch } from './batch.ts'
import { connectTo, type Extras } from './connect.ts'
import type { Endpoint } from './endpoint.ts'
import { follow } from './follow.ts'
import { BEGINNING } from './protocol.ts'
import type { ReadOptions } from './stream.ts'

/** Every batch of a stream from `options.offset` on, by the options that users give. */
export function followStream(
  endpoint: Endpoint,
  options: ReadOptions,
  signal: AbortSignal,
  onContentType?: (contentType: string | undefined) => void,
): AsyncGenerator<Batch, void> {
  const { offset, live = true, pauseWhenHidden = true, headers, params } = options
  const extras: Extras = { headers, params }
  const connect = connectTo(endpoint, extras)
  return follow({
    ...options,
    from: { offset: offset || BEGINNING },
    live,
    pauseWhenHidden,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    timeoutMs: endpoint.timeoutMs,
    signal,
    async connect(ask) {
      const connection = await connect(ask)
      onContentType?.(connection.contentType)
      return connection
    },
    extend(more) {
      extras.headers = { ...extras.headers, ...more.headers }
      extras.params = { ...extras.params, ...more.params }
    },
  })
}
