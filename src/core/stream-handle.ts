import type { BackoffPolicy } from './backoff.ts'
import type { Endpoint } from './endpoint.ts'
import type { Appended } from './post.ts'

/** What a producer needs of the stream that it writes: a `DurableStream` is one. */
export interface StreamHandle<Item = unknown> {
  readonly endpoint: Endpoint
  readonly backoff: BackoffPolicy
  /** As far as it is known. */
  readonly contentType: string | undefined
  /** Makes the content type known. */
  head(): Promise<unknown>
  append(value: Item | string | Uint8Array): Promise<Appended>
}
