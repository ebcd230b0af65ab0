import { untilAborted } from './abort.ts'
import { StreamClosedError, throwConflict } from './append-error.ts'
import type { BackoffPolicy } from './backoff.ts'
import type { JsonBatch } from './batch.ts'
import { type CreateOptions, createRequest, NO_CREATION } from './create.ts'
import { type Encoded, encode, joinEncoded } from './encode.ts'
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts'
import { StreamError } from './errors.ts'
import { createOrder, type InOrder } from './in-order.ts'
import { appendSource, createWritable, type PipeOptions, type Source } from './pipe.ts'
import type { Appended } from './post.ts'
import { CLOSED, EXPECTED_OFFSET, NEXT_OFFSET, SEQ, isJson } from './protocol.ts'
import { sendWithRetry } from './send.ts'
import type { ReadOptions } from './read-options.ts'
import { openStream } from './stream.ts'
import type { StreamHandle } from './stream-handle.ts'
import type { StreamResponse } from './stream-response.ts'
import { createWriter, type Writer } from './writer.ts'

export type { CreateOptions } from './create.ts'

export interface DurableStreamOptions extends EndpointOptions {
  /** Content type of the stream. Learned from the server by one HEAD request when not given. */
  contentType?: string | undefined
  backoff?: Partial<BackoffPolicy> | undefined
  /** Appends made while one is under way share the next request, up to about 1 MiB. Default `true`. */
  batching?: boolean | undefined
  /**
   * Writes carry a producer's sequence numbers, so that a retry never stores twice. Default `true`.
   * With `false` a write is retried only while the server surely stored nothing: no retry after a
   * request without an answer, nor after a 5xx, but for a 503 with `Retry-After`.
   */
  exactlyOnce?: boolean | undefined
}

export interface AppendOptions {
  /** Takes this append back, and no other. One that is on its way may still be stored. */
  signal?: AbortSignal | undefined
  /** Stored only if greater, byte by byte, than the last `seq` that the stream took: `Stream-Seq`. */
  seq?: string | undefined
  /** Stored only if the stream ends here: compare-and-append. Protocol section 3. */
  expectedOffset?: string | undefined
}

export interface StreamInfo {
  contentType: string
  /** The present end. */
  offset: string
  closed: boolean
}

export interface ReadResult {
  data: Uint8Array
  /** Where to resume. */
  offset: string
  upToDate: boolean
  streamClosed: boolean
}

// Longer than most files: what can be done with a stream stands together, a few lines each.
/** A handle on one stream: create, append, read, close, delete. It holds no connection. */
export class DurableStream<Item = unknown> implements StreamHandle<Item> {
  readonly url: string
  /** Where its requests go: what a producer of this stream sends through. */
  readonly endpoint: Endpoint
  /** How long its calls try. */
  readonly backoff: BackoffPolicy
  /** As given, or as the server said; nothing before it was asked. */
  contentType: string | undefined
  readonly #options: DurableStreamOptions
  readonly #write: Writer<Encoded>
  /** Writes in the order in which they were asked for, once the content type is known. */
  readonly #inOrder: InOrder

  /** @throws {StreamError} `invalid` for a URL that is none. */
  constructor(options: DurableStreamOptions) {
    this.endpoint = createEndpoint(options)
    this.url = this.endpoint.url.href
    this.backoff = this.endpoint.backoff
    // What only `create` takes is not inherited by forks.
    this.#options = { ...options, ...NO_CREATION }
    this.contentType = options.contentType
    this.#write = createWriter<Encoded>(
      this,
      joinEncoded,
      options.exactlyOnce === false ? forbidRetry : undefined,
    )
    this.#inOrder = createOrder(
      () => this.contentType !== undefined,
      () => this.head(),
    )
  }

  /** Makes the stream, or finds it made with the same configuration. Protocol section 2. */
  static async create<Item = unknown>(
    options: DurableStreamOptions & CreateOptions,
  ): Promise<DurableStream<Item>> {
    const stream = new DurableStream<Item>(options)
    await stream.create(options)
    return stream
  }

  /** @throws {StreamError} `not-found` when there is no such stream. */
  static async connect<Item = unknown>(
    options: DurableStreamOptions,
  ): Promise<DurableStream<Item>> {
    const stream = new DurableStream<Item>(options)
    await stream.head()
    return stream
  }

  static head(options: DurableStreamOptions): Promise<StreamInfo> {
    return new DurableStream(options).head()
  }

  static delete(options: DurableStreamOptions): Promise<void> {
    return new DurableStream(options).delete()
  }

  /** Makes a stream that shares the content of another, and then lives alone. Protocol section 7. */
  static fork<Item = unknown>(
    options: DurableStreamOptions & CreateOptions & { forkedFrom: string | URL },
  ): Promise<DurableStream<Item>> {
    return DurableStream.create<Item>(options)
  }

  /** @throws {StreamError} `conflict` when it exists with another configuration. */
  async create(options: CreateOptions = {}): Promise<StreamInfo> {
    const contentType = options.contentType ?? this.contentType
    return this.#send('PUT', createRequest({ ...options, contentType }, this.url))
  }

  /** What the stream is, and where it ends now. */
  head(): Promise<StreamInfo> {
    return this.#send('HEAD')
  }

  /**
   * Adds one message (JSON), or some text or bytes. Resolves when the server has stored it. Appends
   * made while one is under way join into one request; a retry never stores twice.
   *
   * @param value on a JSON stream a string or bytes are JSON text already, anything else is serialized.
   * @throws {StreamError} `invalid` for a value that JSON cannot say, `not-found`, `closed`,
   *   `disconnected` after `backoff.maxAttempts` tries. Protocol section 3.
   * @throws {ExpectedOffsetError} @throws {SeqConflictError} by the options.
   */
  append(value: Item | string | Uint8Array, options?: AppendOptions): Promise<Appended> {
    return this.appendAll([value], options)
  }

  /** Adds several messages as one atomic step: all are stored, next to each other, or none. */
  appendAll(
    values: readonly (Item | string | Uint8Array)[],
    options?: AppendOptions,
  ): Promise<Appended> {
    return this.#put(values, options)
  }

  /** Closes the stream, after all earlier appends, for good: it stays readable. */
  close(
    final?: Item | string | Uint8Array,
    { signal }: Pick<AppendOptions, 'signal'> = {},
  ): Promise<Appended> {
    return this.#put(final === undefined ? [] : [final], { signal }, true)
  }

  /**
   * Appends all that `source` gives, each value as `append` would, several in one request. Reads the
   * source no further ahead than about 1 MiB. Resolves when all is stored.
   *
   * @throws what made the writing fail, or the reason of `signal`: the source is cancelled then. Or
   *   what made the source fail: what it gave before is stored, and the stream stays open.
   */
  appendStream(source: Source<Item>, options: PipeOptions = {}): Promise<Appended> {
    return appendSource(this, source, options)
  }

  /** Appends all that is written to it, as `appendStream` does: `source.pipeTo(stream.writable())`. */
  writable(options: PipeOptions = {}): WritableStream<Item | string | Uint8Array> {
    return createWritable(this, options)
  }

  /**
   * Makes a fork of this stream and gives it, with this one's options unless others are given.
   * Protocol section 7.
   */
  fork(
    target: string | URL | (Partial<DurableStreamOptions> & CreateOptions & { url: string | URL }),
  ): Promise<DurableStream<Item>> {
    const options = typeof target === 'string' || target instanceof URL ? { url: target } : target
    return DurableStream.fork<Item>({ ...this.#options, ...options, forkedFrom: this.url })
  }

  async delete(): Promise<void> {
    await sendWithRetry(this.endpoint, { method: 'DELETE' })
  }

  /** Opens the stream for reading: see {@link StreamResponse}. */
  stream(options: ReadOptions = {}): Promise<StreamResponse<Item>> {
    return openStream<Item>(this.endpoint, options)
  }

  /** All bytes from `offset` to the present end. */
  async read(options: Pick<ReadOptions, 'offset' | 'signal' | 'cache'> = {}): Promise<ReadResult> {
    const response = await this.stream({ ...options, live: false })
    const data = await response.body()
    const { offset, upToDate, streamClosed } = response
    return { data, offset, upToDate, streamClosed }
  }

  /** The items of a JSON stream one by one, and those to come unless `live: false`. */
  async *json(options: ReadOptions = {}): AsyncGenerator<Item, void> {
    const response = await this.stream(options)
    for await (const { items } of response.jsonBatches()) yield* items
  }

  /** The items of a JSON stream in batches, with the offset after each. */
  async *follow(options: ReadOptions = {}): AsyncGenerator<JsonBatch<Item>, void> {
    const response = await this.stream(options)
    yield* response.jsonBatches()
  }

  async #send(
    method: 'PUT' | 'HEAD',
    request?: ReturnType<typeof createRequest>,
  ): Promise<StreamInfo> {
    const { headers } = await sendWithRetry(this.endpoint, { ...request, method })
    const contentType = headers.get('content-type') ?? 'application/octet-stream'
    this.contentType ??= contentType
    return {
      contentType,
      offset: headers.get(NEXT_OFFSET) ?? '',
      closed: headers.get(CLOSED) === 'true',
    }
  }

  async #put(
    values: readonly unknown[],
    { signal, seq, expectedOffset }: AppendOptions = {},
    close = false,
  ): Promise<Appended> {
    const conditions = {
      ...(seq !== undefined && { [SEQ]: seq }),
      ...(expectedOffset !== undefined && { [EXPECTED_OFFSET]: expectedOffset }),
    }
    const isAlone = this.#options.batching === false || Object.keys(conditions).length > 0
    const headers = isAlone ? conditions : undefined
    const stored = this.#inOrder(async () => {
      const data = encode(values, isJson(this.contentType!))
      // Nothing to add.
      if (data.length === 0 && !close) return this.head()
      return this.#write({ data, close, headers, signal })
    })
    return untilAborted(stored, signal).catch((error: unknown) => {
      // Closed, as is wished, by an earlier try or by somebody else.
      const isDone = values.length === 0 && error instanceof StreamClosedError
      return isDone ? { offset: error.offset ?? '' } : throwConflict(error, { seq, expectedOffset })
    })
  }
}

function forbidRetry(error: unknown): void {
  if (error instanceof StreamError) Object.defineProperty(error, 'retryable', { value: false })
}
