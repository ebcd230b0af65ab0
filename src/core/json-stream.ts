import type { BackoffPolicy } from './backoff.ts'
import type { JsonBatch } from './batch.ts'
import { decodeJson } from './decode.ts'
import { serialize } from './encode.ts'
import { createEndpoint, type EndpointOptions } from './endpoint.ts'
import type { CreateOptions } from './durable-stream.ts'
import { follow } from './follow.ts'
import { JSON_CONTENT_TYPE } from './protocol.ts'
import type { Appended, Producer } from './post.ts'
import { sendWithRetry } from './send.ts'
import type { ReadOptions } from './read-options.ts'
import { createWriter } from './writer.ts'

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
  const headers = { 'content-type': JSON_CONTENT_TYPE }
  const target = { endpoint, contentType: JSON_CONTENT_TYPE }
  const write = createWriter<string>(target, (texts) => `[${texts.join(',')}]`)

  return {
    url: endpoint.url.href,
    create: () => sendWithRetry(endpoint, { method: 'PUT', headers }),
    follow: (read = {}) => decodeJson<Item>(follow(endpoint, { ...read }, read.signal)),
    appendAll: async (values) => write({ data: values.map(encode).join(',') }),
  }
}
