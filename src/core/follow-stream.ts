import { DEFAULT_BACKOFF } from './backoff.ts'
import type { Batch } from './batch.ts'
import { connectTo, type Reading } from './connect.ts'
import type { Endpoint } from './endpoint.ts'
import { follow } from './follow.ts'
import { BEGINNING } from './protocol.ts'
import type { ReadOptions } from './stream.ts'

/** Every batch of a stream from `options.offset` on, by the options that users give. */
export function followStream(
  endpoint: Endpoint,
  options: ReadOptions,
  signal: AbortSignal,
  reading: Reading = {},
): AsyncGenerator<Batch, void> {
  const { offset, live = true, pauseWhenHidden = true } = options
  reading.cache = options.cache
  const extend = ({ headers, params }: Reading): void => {
    reading.headers = { ...reading.headers, ...headers }
    reading.params = { ...reading.params, ...params }
  }
  extend(options)
  return follow({
    ...options,
    connect: connectTo(endpoint, reading),
    extend,
    // The beginning has one URL, so that caches hold it once.
    from: { offset: offset || BEGINNING },
    live,
    pauseWhenHidden,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    // Servers hold a live read for up to a minute.
    timeoutMs: endpoint.timeoutMs * 1.5,
    signal,
  })
}
