import type { BackoffPolicy } from '../../core/backoff.ts'
import { encodeJson } from '../../core/encode.ts'
import type { EndpointOptions } from '../../core/endpoint.ts'
import { createJsonStream, type JsonStream } from '../../core/json-stream.ts'
import type { Appended } from '../../core/post.ts'

/** What a database reads and its actions write to. A `DurableStream` of JSON is one, and can more. */
export interface StateStream extends JsonStream {
  /** Stores one event. Text is JSON text already. */
  append: (event: unknown) => Promise<Appended>
}

export interface StateStreamOptions extends EndpointOptions {
  /** `application/json`, the only one that holds events. */
  contentType?: 'application/json' | undefined
  backoff?: Partial<BackoffPolicy> | undefined
}

/** The smallest stream that does. */
export function createStateStream(options: StateStreamOptions): StateStream {
  // A write is shown and stays pending for as long as the network is away.
  const backoff = { maxAttempts: Infinity, maxTotalMs: Infinity, ...options.backoff }
  const stream = createJsonStream({ ...options, backoff }, encodeJson)
  return { ...stream, append: (event) => stream.appendAll([event]) }
}
