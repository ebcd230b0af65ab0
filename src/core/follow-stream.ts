import { DEFAULT_BACKOFF } from './backoff.ts'
import type { Batch } from './batch.ts'
import { connectTo, type Reading } from './connect.ts'
import type { Endpoint } from './endpoint.ts'
import { follow } from './follow.ts'
import { BEGINNING } from './protocol.ts'
import type { ReadOptions } from './read-options.ts'

/**
 * Every batch of a stream from `offset` on, by the options that users give.
 *
 * @param reading these options; it takes what `onError` changes, and what answers tell.
 */
export function followStream(
  endpoint: Endpoint,
  reading: ReadOptions & Reading,
  signal: AbortSignal,
): AsyncGenerator<Batch, void> {
  const { offset, live = true, pauseWhenHidden = true, backoff } = reading
  return follow({
    ...reading,
    connect: connectTo(endpoint, reading),
    extend({ headers, params }) {
      reading.headers = { ...reading.headers, ...headers }
      reading.params = { ...reading.params, ...params }
    },
    // The beginning has one URL, so that caches hold it once.
    from: { offset: offset || BEGINNING },
    live,
    pauseWhenHidden,
    backoff: { ...DEFAULT_BACKOFF, ...backoff },
    // Servers hold a live read for up to a minute.
    timeoutMs: endpoint.timeoutMs * 1.5,
    signal,
  })
}
