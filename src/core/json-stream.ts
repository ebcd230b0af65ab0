import { type BackoffPolicy, DEFAULT_BACKOFF } from './backoff.ts'
import type { JsonBatch } from './batch.ts'
import { decodeJson } from './decode.ts'
import { serialize } from './encode.ts'
import { createEndpoint, type EndpointOptions } from './endpoint.ts'
import type { CreateOptions } from './durable-stream.ts'
import { followStream } from './follow-stream.ts'
import { JSON_CONTENT_TYPE } from './protocol.ts'
import { type Appended, post, type Producer } from './post.ts'
import { withRetry } from './retry.ts'
import { send } from './send.ts'
import type { ReadOptions } from './read-options.ts'
import { createWriter } from './writer.ts'

/** A read without a signal of its own goes on until it is left. */
const NEVER: AbortSignal = new AbortController().signal

/** What state needs of a stream, and no more. A `DurableStream` is one, this the smallest way to one. */
export interface JsonStream<Item = unknown> {
  readonly url: string
  /** Makes it, or finds it made with the same configuration. Protocol section 2. */
  create: (options?: Pick<CreateOptions, 'contentType'>) => Promise<unknown>
  follow: (options?: ReadOptions) => AsyncGenerator<JsonBatch<Item>, void>
  /** Stores all values as one atomic step; a retry never stores them twice. */
  appendAll: (values: readonly Item[]) => Promise<Appended>
  /** The same under a number that the caller gives: repeated, in another visit too, it is stored once. */
  appendAs?: (producer: Producer, values: readonly Item[]) => Promise<Appended>
}

/** @param encode makes the JSON text of a value. */
export function createJsonStream<Item = unknown>(
  options: EndpointOptions & { backoff?: Partial<BackoffPolicy> },
  encode: (value: Item) => string = serialize,
): JsonStream<Item> {
  const endpoint = createEndpoint(options)
  const backoff = { ...DEFAULT_BACKOFF, ...options.backoff }
  const headers = { 'content-type': JSON_CONTENT_TYPE }
  const write = createWriter<string>({
    endpoint,
    contentType: async () => JSON_CONTENT_TYPE,
    join: (texts) => `[${texts.join(',')}]`,
    backoff,
  })

  return {
    url: endpoint.url.href,
    create: () => withRetry(() => send(endpoint, { method: 'PUT', headers }), backoff),
    follow: (read = {}) =>
      decodeJson<Item>(
        followStream(
          endpoint,
          { ...read, backoff: { ...backoff, ...read.backoff } },
          read.signal ?? NEVER,
        ),
      ),
    appendAs: async (producer, values) => {
      const body = `[${values.map(encode)}]`
      return withRetry(
        () => post(endpoint, { contentType: JSON_CONTENT_TYPE, body, producer }),
        backoff,
      )
    },
    async appendAll(values) {
      const data = values.map(encode).join(',')
      return write({ data, size: data.length, close: false })
    },
  }
}
