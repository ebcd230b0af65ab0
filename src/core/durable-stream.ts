import { type BackoffPolicy, DEFAULT_BACKOFF } from './backoff.ts'
import type { JsonBatch } from './batch.ts'
import { joinBytes } from './decode.ts'
import { encodeBytes, encodeJson } from './encode.ts'
import { createEndpoint, type Endpoint, type EndpointOptions } from './endpoint.ts'
import { HEADER, JSON_CONTENT_TYPE, WRITE_HEADER } from './protocol.ts'
import { withRetry } from './retry.ts'
import { openStream, type ReadOptions } from './stream.ts'
import type { StreamResponse } from './stream-response.ts'
import { createWriter, type Writer } from './writer.ts'

export interface DurableStreamOptions extends EndpointOptions {
  /** Content type of the stream. Learned from the server by one HEAD request when not given. */
  contentType?: string | undefined
  backoff?: Partial<BackoffPolicy> | undefined
}

/** Protocol section 2. */
export interface CreateOptions {
  /** Default `application/octet-stream`. */
  contentType?: string | undefined
  /** Seconds after the last read or write at which the stream goes. Not with `expiresAt`. */
  ttlSeconds?: number | undefined
  expiresAt?: Date | undefined
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
export class DurableStream<Item = unknown> {
  readonly url: string
  #endpoint: Endpoint
  #backoff: BackoffPolicy
  #contentType: Promise<string> | undefined
  #write: Writer<string | Uint8Array>

  /** @throws {StreamError} `invalid` for a URL that is none. */
  constructor(options: DurableStreamOptions) {
    this.#endpoint = createEndpoint(options)
    this.url = this.#endpoint.url.href
    this.#backoff = { ...DEFAULT_BACKOFF, ...options.backoff }
    this.#contentType = options.contentType ? Promise.resolve(options.contentType) : undefined
    this.#write = createWriter({
      endpoint: this.#endpoint,
      contentType: () => this.#knownContentType(),
      join: joinData,
      backoff: this.#backoff,
    })
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

  /** @throws {StreamError} `conflict` when it exists with another configuration. */
  async create(options: CreateOptions = {}): Promise<StreamInfo> {
    const contentType = options.contentType ?? (await this.#contentType)
    const response = await this.#send('PUT', {
      ...(contentType && { 'content-type': contentType }),
      ...(options.ttlSeconds !== undefined && { [WRITE_HEADER.ttl]: String(options.ttlSeconds) }),
      ...(options.expiresAt && { [WRITE_HEADER.expiresAt]: options.expiresAt.toISOString() }),
    })
    return this.#learn(response)
  }

  /** What the stream is, and where it ends now. */
  async head(): Promise<StreamInfo> {
    return this.#learn(await this.#send('HEAD'))
  }

  /**
   * Adds one message (JSON), or some text or bytes. Resolves when the server has stored it. Appends
   * made while one is under way join into one request; a retry never stores twice.
   *
   * @param value on a JSON stream a string or bytes are JSON text already, anything else is serialized.
   * @throws {StreamError} `invalid` for a value that JSON cannot say, `not-found`, `closed`,
   *   `disconnected` after `backoff.maxAttempts` tries. Protocol section 3.
   */
  append(value: Item | string | Uint8Array, options: { signal?: AbortSignal } = {}): Promise<void> {
    return this.appendAll([value], options)
  }

  /** Adds several messages as one atomic step: all are stored, next to each other, or none. */
  async appendAll(
    values: readonly (Item | string | Uint8Array)[],
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<void> {
    if (values.length === 0) return
    const data = isJson(await this.#knownContentType())
      ? values.map(encodeJson).join(',')
      : joinBytes(values.map(encodeBytes))
    await this.#write({ data, size: data.length, close: false }, signal)
  }

  /** Closes the stream, after all earlier appends, for good: it stays readable. */
  async close(final?: Item | string | Uint8Array): Promise<void> {
    // Appends that wait to learn the content type come first.
    await this.#contentType?.catch(() => undefined)
    if (final === undefined) return this.#write({ data: '', size: 0, close: true })
    const data = isJson(await this.#knownContentType()) ? encodeJson(final) : encodeBytes(final)
    await this.#write({ data, size: data.length, close: true })
  }

  async delete(): Promise<void> {
    await this.#send('DELETE')
  }

  /** Opens the stream for reading: see {@link StreamResponse}. */
  stream(options: ReadOptions = {}): Promise<StreamResponse<Item>> {
    return openStream<Item>(this.#endpoint, { backoff: this.#backoff, ...options })
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

  #send(
    method: 'PUT' | 'HEAD' | 'DELETE',
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return withRetry(() => this.#endpoint.send({ method, headers }), this.#backoff)
  }

  #learn({ headers }: Response): StreamInfo {
    const contentType = headers.get('content-type') ?? 'application/octet-stream'
    this.#contentType = Promise.resolve(contentType)
    return {
      contentType,
      offset: headers.get(HEADER.nextOffset) ?? '',
      closed: headers.get(HEADER.closed) === 'true',
    }
  }

  #knownContentType(): Promise<string> {
    this.#contentType ??= this.head().then(
      ({ contentType }) => contentType,
      (error: unknown) => {
        // Asked again next time: the stream may have been made by then.
        this.#contentType = undefined
        throw error
      },
    )
    return this.#contentType
  }
}

function isJson(contentType: string): boolean {
  return contentType.split(';')[0]!.trim().toLowerCase() === JSON_CONTENT_TYPE
}

function joinData(parts: readonly (string | Uint8Array)[]): string | Uint8Array<ArrayBuffer> {
  const texts = parts.filter((part) => typeof part === 'string')
  if (texts.length > 0) return `[${texts.join(',')}]`
  return joinBytes(parts.filter((part) => part instanceof Uint8Array))
}
