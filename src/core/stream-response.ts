import type { Arrival, Batch, BytesArrival, JsonBatch, TextArrival } from './batch.ts'
import { createTextDecoder, bytesOf, joinBytes, parseItems } from './decode.ts'
import { StreamError } from './errors.ts'
import type { LiveMode } from './read-state.ts'

export interface StreamResponseSource {
  url: string
  contentType: string
  startOffset: string
  live: LiveMode
  /** What came already, before `batches`. */
  first?: Batch
  batches: AsyncGenerator<Batch, void>
  /** Aborting it ends the reading. */
  controller: AbortController
}

// Longer than most files: the ways of reading stand together, each a few lines over one `#reader`.
/**
 * A stream being read: pick one of the reading methods. `offset` moves only past what was handed
 * over, so saving it and resuming there gives everything exactly once.
 */
export class StreamResponse<Item = unknown> {
  declare readonly url: string
  declare readonly contentType: string
  declare readonly startOffset: string
  declare readonly live: LiveMode
  /** Resolves when reading has ended: closed, cancelled, or done. Rejects when it failed. */
  readonly closed: Promise<void>

  #source: StreamResponseSource | undefined
  #controller: AbortController
  #reject!: (error: unknown) => void
  #last: Arrival

  constructor(source: StreamResponseSource) {
    const { batches, controller, first: _, ...about } = source
    Object.assign(this, about)
    this.#source = source
    this.#controller = controller
    this.#last = { offset: source.startOffset, upToDate: false, streamClosed: false }
    this.closed = new Promise((resolve, reject) => {
      this.#reject = reject
      controller.signal.addEventListener('abort', () => {
        resolve()
        // What waits to hand over a batch frees its connection now.
        batches.return().catch(ignore)
      })
    })
    // Not awaiting `closed` is allowed; its failure must not end the process.
    this.closed.catch(ignore)
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
    return (await this.#all(parseItems<Item>)).flatMap(({ items }) => items)
  }

  /** All text up to the present end. */
  async text(): Promise<string> {
    return (await this.#all(createTextDecoder())).map(({ text }) => text).join('')
  }

  /** All bytes up to the present end. */
  async body(): Promise<Uint8Array> {
    return joinBytes((await this.#all(bytesOf)).map(({ data }) => data))
  }

  /** Items as they come, also those of the future when live. */
  jsonStream(): ReadableStream<Item> {
    return this.#readable(parseItems<Item>, ({ items }) => items)
  }

  textStream(): ReadableStream<string> {
    return this.#readable(createTextDecoder(), ({ text }) => (text ? [text] : []))
  }

  bodyStream(): ReadableStream<Uint8Array> {
    return this.#readable(bytesOf, ({ data }) => (data.length > 0 ? [data] : []))
  }

  /** JSON batches, for `for await`. Leaving the loop ends the reading. */
  async *jsonBatches(): AsyncGenerator<JsonBatch<Item>, void> {
    const next = this.#reader(parseItems<Item>)
    try {
      for (let batch; (batch = await next()); ) {
        this.#last = batch
        yield batch
      }
    } finally {
      this.cancel()
    }
  }

  /**
   * Calls back for each batch of a JSON stream, and waits for the callback before it reads on.
   *
   * @returns a function that ends the reading. How it ended, and what the callback threw: `closed`.
   */
  subscribeJson(onItems: (batch: JsonBatch<Item>) => unknown): () => void {
    return this.#subscribe(parseItems<Item>, onItems)
  }

  /** Like {@link subscribeJson}, for text. */
  subscribeText(onText: (arrival: TextArrival) => unknown): () => void {
    return this.#subscribe(createTextDecoder(), onText)
  }

  /** Like {@link subscribeJson}, for bytes. */
  subscribeBytes(onBytes: (arrival: BytesArrival) => unknown): () => void {
    return this.#subscribe(bytesOf, onBytes)
  }

  /** Ends the reading at once: no further request, no further callback. */
  cancel(reason?: unknown): void {
    this.#controller.abort(reason)
  }

  /** The only reader. However the reading ends, the connection ends, and `closed` tells. */
  #reader<A>(take: (batch: Batch) => A | Promise<A>): () => Promise<A | undefined> {
    const source = this.#source
    if (!source) {
      throw new StreamError('invalid', `${this.url} is being read already: call stream() again`)
    }
    this.#source = undefined
    let { first } = source
    return async () => {
      try {
        const batch = first ?? (await source.batches.next()).value
        first = undefined
        this.#controller.signal.throwIfAborted()
        if (batch) return await take(batch)
        this.cancel()
      } catch (error) {
        this.#reject(error)
        this.cancel(error)
        throw error
      }
      return undefined
    }
  }

  async #all<A extends Arrival>(decode: (batch: Batch) => A): Promise<A[]> {
    const next = this.#reader(decode)
    const all: A[] = []
    for (let last; !last?.upToDate && (last = await next()); ) all.push(last)
    this.#last = all.at(-1)!
    this.cancel()
    return all
  }

  #subscribe<A extends Arrival>(
    decode: (batch: Batch) => A,
    onArrival: (arrival: A) => unknown,
  ): () => void {
    let taken = this.#last
    const next = this.#reader(async (batch) => {
      const arrival = decode(batch)
      this.#last = arrival
      await onArrival(arrival)
      return (taken = arrival)
    })
    const run = async (): Promise<void> => {
      while (await next());
    }
    run().catch(() => {
      // What the callback threw at was not handed over.
      this.#last = taken
    })
    return () => this.cancel()
  }

  #readable<A extends Arrival, Chunk>(
    decode: (batch: Batch) => A,
    chunksOf: (arrival: A) => readonly Chunk[],
  ): ReadableStream<Chunk> {
    const next = this.#reader(decode)
    let given = this.#last
    let chunks: Iterator<Chunk> = [].values()
    return new ReadableStream<Chunk>(
      {
        // One by one: a stream that holds many at once may take quadratic time to give them away.
        pull: async (controller) => {
          let chunk
          while ((chunk = chunks.next()).done) {
            // Asked for more: the batch before has been taken whole.
            this.#last = given
            const arrival = await next()
            if (!arrival) return controller.close()
            given = arrival
            chunks = chunksOf(arrival).values()
          }
          controller.enqueue(chunk.value)
        },
        cancel: (reason) => this.cancel(reason),
      },
      { highWaterMark: 0 },
    )
  }
}

function ignore(): void {}
