import type { Arrival, Batch, BytesArrival, JsonBatch, TextArrival } from './batch.ts'
import { bytesOf, createTextDecoder, decodeJson, joinBytes } from './decode.ts'
import { StreamError } from './errors.ts'
import type { LiveMode } from './read-state.ts'

export interface StreamResponseSource {
  url: string
  contentType: string
  startOffset: string
  live: LiveMode
  batches: AsyncGenerator<Batch, void>
  /** Aborting it ends the reading. */
  controller: AbortController
}

interface Settle {
  resolve: () => void
  reject: (error: unknown) => void
}

// Longer than most files: the ways of reading stand together, each a few lines over one generator.
/**
 * A stream being read: pick one of the reading methods. `offset` moves only past what was handed
 * over, so saving it and resuming there gives everything exactly once.
 */
export class StreamResponse<Item = unknown> {
  readonly url: string
  readonly contentType: string
  readonly startOffset: string
  readonly live: LiveMode
  /** Resolves when reading has ended: closed, cancelled, or done. Rejects when it failed. */
  readonly closed: Promise<void>

  #source: StreamResponseSource
  #reader: string | undefined
  #last: Arrival
  #settle: Settle

  constructor(source: StreamResponseSource) {
    this.#source = source
    this.url = source.url
    this.contentType = source.contentType
    this.startOffset = source.startOffset
    this.live = source.live
    this.#last = { offset: source.startOffset, upToDate: false, streamClosed: false }
    const { promise, settle } = deferred()
    this.closed = promise
    this.#settle = settle
    // Not awaiting `closed` is allowed; its failure must not end the process.
    this.closed.catch(() => undefined)
  }

  /** After what was handed over so far: save it, and resume there. */
  get offset(): string {
    return this.#last.offset
  }

  get cursor(): string | undefined {
    return this.#last.cursor
  }

  /** Everything that was stored when the server last answered has been handed over. */
  get upToDate(): boolean {
    return this.#last.upToDate
  }

  /** The stream is closed and has been handed over to its end. */
  get streamClosed(): boolean {
    return this.#last.streamClosed
  }

  /** All items up to the present end of a JSON stream. */
  async json(): Promise<Item[]> {
    const items: Item[] = []
    for await (const batch of this.#untilPresent(this.#json('json()'))) {
      for (const item of batch.items) items.push(item)
    }
    return items
  }

  /** All text up to the present end. */
  async text(): Promise<string> {
    const decode = createTextDecoder()
    let text = ''
    for await (const batch of this.#untilPresent(this.#take('text()'))) text += decode(batch)
    return text
  }

  /** All bytes up to the present end. */
  async body(): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for await (const batch of this.#untilPresent(this.#take('body()'))) parts.push(bytesOf(batch))
    return joinBytes(parts)
  }

  /** Items as they come, also those of the future when live. */
  jsonStream(): ReadableStream<Item> {
    const batches = this.#json('jsonStream()')
    return this.#readable(batches, ({ items }) => items)
  }

  textStream(): ReadableStream<string> {
    const decode = createTextDecoder()
    return this.#readable(this.#take('textStream()'), (batch) => [decode(batch)].filter(Boolean))
  }

  bodyStream(): ReadableStream<Uint8Array> {
    return this.#readable(this.#take('bodyStream()'), (batch) =>
      batch.parts.length === 0 ? [] : [bytesOf(batch)],
    )
  }

  /** JSON batches, for `for await`. Leaving the loop ends the reading. */
  async *jsonBatches(): AsyncGenerator<JsonBatch<Item>, void> {
    for await (const batch of this.#json('jsonBatches()')) {
      this.#last = batch
      yield batch
    }
  }

  /**
   * Calls back for each batch of a JSON stream, and waits for the callback before it reads on.
   *
   * @returns a function that ends the reading. How it ended, and what the callback threw: `closed`.
   */
  subscribeJson(onItems: (batch: JsonBatch<Item>) => unknown): () => void {
    return this.#subscribe(this.#json('subscribeJson()'), onItems)
  }

  /** Like {@link subscribeJson}, for text. */
  subscribeText(onText: (arrival: TextArrival) => unknown): () => void {
    const decode = createTextDecoder()
    return this.#subscribe(this.#take('subscribeText()'), (batch) => {
      const { parts: _, ...arrival } = batch
      return onText({ ...arrival, text: decode(batch) })
    })
  }

  /** Like {@link subscribeJson}, for bytes. */
  subscribeBytes(onBytes: (arrival: BytesArrival) => unknown): () => void {
    return this.#subscribe(this.#take('subscribeBytes()'), (batch) => {
      const { parts: _, ...arrival } = batch
      return onBytes({ ...arrival, data: bytesOf(batch) })
    })
  }

  /** Ends the reading at once: no further request, no further callback. */
  cancel(reason?: unknown): void {
    this.#source.controller.abort(reason ?? new DOMException('Reading was cancelled', 'AbortError'))
    this.#settle.resolve()
  }

  #json(reader: string): AsyncGenerator<JsonBatch<Item>, void> {
    return this.#take(reader, decodeJson<Item>)
  }

  #take<B = Batch>(
    reader: string,
    decode?: (batches: AsyncIterable<Batch>) => AsyncGenerator<B, void>,
  ): AsyncGenerator<B, void> {
    if (this.#reader) {
      throw new StreamError(
        'invalid',
        `${reader} cannot read what ${this.#reader} reads already: call stream() again`,
      )
    }
    this.#reader = reader
    const { batches } = this.#source
    return this.#untilEnd(decode ? decode(batches) : (batches as AsyncGenerator<never, void>))
  }

  /** Ends the connection, and tells `closed`, however the reading ends. */
  async *#untilEnd<B>(batches: AsyncGenerator<B, void>): AsyncGenerator<B, void> {
    try {
      yield* batches
    } catch (error) {
      if (!this.#source.controller.signal.aborted) this.#settle.reject(error)
      throw error
    } finally {
      this.cancel()
    }
  }

  async *#untilPresent<B extends Arrival>(batches: AsyncIterable<B>): AsyncGenerator<B> {
    for await (const batch of batches) {
      this.#last = batch
      yield batch
      if (batch.upToDate) return
    }
  }

  #subscribe<B extends Arrival>(
    batches: AsyncIterable<B>,
    onBatch: (batch: B) => unknown,
  ): () => void {
    const { signal } = this.#source.controller
    const run = async (): Promise<void> => {
      for await (const batch of batches) {
        if (signal.aborted) return
        this.#last = batch
        try {
          await onBatch(batch)
        } catch (error) {
          this.#settle.reject(error)
          throw error
        }
      }
    }
    // Whatever ends it has been told to `closed`.
    run().catch(() => undefined)
    return () => this.cancel()
  }

  #readable<B extends Arrival, Chunk>(
    batches: AsyncGenerator<B, void>,
    chunksOf: (batch: B) => readonly Chunk[],
  ): ReadableStream<Chunk> {
    let given: B | undefined
    return new ReadableStream<Chunk>(
      {
        pull: async (controller) => {
          for (;;) {
            // Asked for more: the batch before has been taken whole.
            if (given) this.#last = given
            const { done, value } = await batches.next()
            if (done) return controller.close()
            given = value
            const chunks = chunksOf(value)
            for (const chunk of chunks) controller.enqueue(chunk)
            if (chunks.length > 0) return
          }
        },
        cancel: (reason) => this.cancel(reason),
      },
      { highWaterMark: 0 },
    )
  }
}

function deferred(): { promise: Promise<void>; settle: Settle } {
  let settle!: Settle
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, settle }
}
