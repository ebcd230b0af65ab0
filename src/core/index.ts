export {
  ExpectedOffsetError,
  SeqConflictError,
  SequenceGapError,
  StaleEpochError,
  StreamClosedError,
} from './append-error.ts'
export type { BackoffPolicy } from './backoff.ts'
export type { Arrival, BytesArrival, JsonBatch, Position, TextArrival } from './batch.ts'
export type { CreateOptions } from './create.ts'
export {
  type AppendOptions,
  DurableStream,
  type DurableStreamOptions,
  type ReadResult,
  type StreamInfo,
} from './durable-stream.ts'
export type { Dynamic, EndpointOptions } from './endpoint.ts'
export { StreamError, type StreamErrorCode, type StreamErrorOptions } from './errors.ts'
export type { Observable } from './observable.ts'
export type { PipeOptions, Source } from './pipe.ts'
export type { Appended } from './post.ts'
export { IdempotentProducer } from './producer.ts'
export type {
  ProducerOptions,
  ProducerState,
  ProducerStore,
  StoredBatch,
} from './producer-options.ts'
export type { LiveMode } from './read-state.ts'
export { DurableStreamError, FetchError } from './response-error.ts'
export type { StreamStatus } from './status.ts'
export type { ReadOptions } from './read-options.ts'
export { stream, type StreamOptions } from './stream.ts'
export type { StreamResponse } from './stream-response.ts'
