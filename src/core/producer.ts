import { untilAborted } from './abort.ts'
import { StaleEpochError } from './append-error.ts'
import { type Deferred, deferred, handled } from './deferred.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import { type Encoded, encodeBytes, encodeJson, joinEncoded } from './encode.ts'
import { asStreamError, StreamError } from './errors.ts'
import { createOrder, type InOrder } from './in-order.ts'
import type { Appended } from './post.ts'
import type { ProducerOptions } from './producer-options.ts'
import { isJson } from './protocol.ts'
import { unpackBatch } from './stored-batch.ts'
import type { StreamHandle } from './stream-handle.ts'

const DONE: Promise<void> = Promise.resolve()

/**
 * Writes a stream exactly once and in order, in batches, several of them on their way at once. When
 * a batch cannot be stored the producer fails: everything rejects until {@link restart}.
 * Protocol section 4.
 *
 * @example
 * const producer = new IdempotentProducer(stream, 'orders-1', { autoClaim: true })
 * for (const order of orders) await producer.append(order)
 * await producer.close()
 */
export class IdempotentProducer<Item = unknown> {
  readonly id: string
  readonly #stream: StreamHandle<Item>
  readonly #options: ProducerOptions
  /** Waits for the start. */
  readonly #inOrder: InOrder
  #delivery!: Delivery
  #isJson: boolean | undefined
  /** What waits to become a batch. */
  #parts: Encoded[] = []
  #size = 0
  #kept: Deferred<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isDue = false
  #ended: Promise<Appended> | undefined
  #isOver = false

  /** @param id names this producer on the stream, at most 256 characters: one writer at a time has it. */
  constructor(stream: StreamHandle<Item>, id: string, options: ProducerOptions = {}) {
    this.id = id
    this.#stream = stream
    this.#options = options
    this.#inOrder = createOrder(
      () => this.#isJson !== undefined,
      () => this.#start(),
    )
    this.#begin(options.epoch)
    if (options.store) handled(this.#inOrder(() => DONE))
    else if (stream.contentType !== undefined) this.#isJson = isJson(stream.contentType)
  }

  get epoch(): number {
    return this.#delivery.epoch
  }

  /** Sequence number of the next batch. */
  get nextSeq(): number {
    return this.#delivery.seq
  }

  /** How many values are not acknowledged. */
  get pendingCount(): number {
    return this.#delivery.batches.reduce((sum, { count }) => sum + count, this.#parts.length)
  }

  /** How many batches are on their way. */
  get inFlightCount(): number {
    return this.#delivery.inFlight
  }

  /** Resolves when there is room for more. Rejects when the producer has failed. */
  get ready(): Promise<void> {
    if (this.#hasRoom() && !this.#delivery.signal.aborted) return DONE
    return this.#delivery.wait(this.#hasRoom) as Promise<unknown> as Promise<void>
  }

  /**
   * Takes one value to be stored, as `DurableStream.append` does.
   *
   * @returns what tells when to append more: see `ready` (and `store`). It need not be awaited, and
   *   does not say that the value is stored: `flush` does. It rejects when the producer has failed.
   * @throws {StreamError} `invalid`, by rejection, for a value that the stream cannot hold; `closed`.
   */
  append(value: Item | string | Uint8Array): Promise<void> {
    if (this.#ended) return handled(Promise.reject(this.#closedError()))
    const isEarly = this.#isJson === undefined
    const appended = this.#inOrder(() => this.#add(value))
    return isEarly ? handled(appended) : appended
  }

  /**
   * Resolves when all that was appended before is acknowledged.
   *
   * @throws what made the producer fail.
   */
  flush(): Promise<Appended> {
    return this.#ended ?? this.#inOrder(() => this.#flush())
  }

  /** Flushes, with `final` if there is one, and closes the stream in the same step. */
  close(final?: Item | string | Uint8Array): Promise<Appended> {
    return this.#end(true, final)
  }

  /** Flushes, and ends the producer: the stream stays open. */
  detach(): Promise<Appended> {
    return this.#end(false)
  }

  /** Fails the producer: what is not acknowledged is given up, and may be stored or not. */
  abort(reason?: unknown): void {
    this.#delivery.fail(reason)
  }

  /**
   * Begins the next epoch, after a flush. After a failure it begins at once: what was not acknowledged
   * is given up, and what `flush` rejected with told of it.
   */
  async restart(): Promise<void> {
    if (this.#isAlive()) await this.flush()
    const { reason } = this.#delivery.signal
    const known = reason instanceof StaleEpochError ? reason.currentEpoch : 0
    this.#begin(Math.max(this.epoch, known) + 1)
  }

  #begin(epoch: number | undefined): void {
    this.#ended = undefined
    this.#isOver = false
    this.#parts = []
    this.#size = 0
    this.#delivery = createDelivery(this.#stream as StreamHandle, this.id, {
      ...this.#options,
      epoch,
      onRoom: () => this.#isDue && this.#seal(),
      onFailed: (error) => this.#failed(error),
      // What an earlier epoch still saves must not be the last.
      savedBefore: this.#delivery?.saving,
    })
  }

  #isAlive(): boolean {
    return !this.#delivery.signal.aborted
  }

  /** The same function each time: those who wait for it wait together. */
  readonly #hasRoom = (): boolean =>
    this.#size + this.#delivery.size <= (this.#options.maxBufferedBytes ?? 8 << 20)

  #closedError(): StreamError {
    return new StreamError('closed', 'The producer was closed: restart() it')
  }

  #failed(error: unknown): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#kept?.reject(error)
    this.#kept = undefined
    if (!this.#isOver) this.#options.onError?.(error)
  }

  #start(): Promise<void> {
    const { fail, signal } = this.#delivery
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    const loading = this.#load()
    loading.catch((error: unknown) => fail(asStreamError(error, 'Starting')))
    return untilAborted(loading, signal)
  }

  async #load(): Promise<void> {
    const stream = this.#stream
    const delivery = this.#delivery
    const state = await this.#options.store?.load()
    if (stream.contentType === undefined) await stream.head()
    const json = isJson(stream.contentType!)
    if (state) {
      // The next epoch shuts out a process that is still alive.
      delivery.epoch = Math.max(delivery.epoch, state.epoch + 1)
      for (const stored of state.batches) delivery.resume(unpackBatch(stored, json))
      delivery.pump()
    }
    this.#isJson = json
  }

  #add(value: unknown): Promise<void> {
    try {
      return (this.#isAlive() && this.#push(value)) || this.ready
    } catch (error) {
      // Nobody waits for it, perhaps.
      this.#options.onError?.(error)
      return handled(Promise.reject(error as Error))
    }
  }

  /**
   * @returns what resolves when the value is kept.
   * @throws {StreamError} `invalid`
   */
  #push(value: unknown): Promise<void> | undefined {
    const { maxBatchBytes = 1 << 20, lingerMs = 5, store } = this.#options
    const data = this.#isJson ? encodeJson(value) : encodeBytes(value)
    // An empty text, or no bytes.
    if (data.length === 0) return undefined
    if (this.#size + data.length > maxBatchBytes) this.#seal()
    this.#parts.push(data)
    this.#size += data.length
    if (store) this.#kept ??= deferred()
    const kept = this.#kept
    if (this.#size >= maxBatchBytes) this.#seal()
    else this.#timer ??= setTimeout(() => this.#linger(), lingerMs)
    return kept?.promise
  }

  #linger(): void {
    this.#isDue = true
    this.#delivery.pump()
  }

  /** Makes a batch of what waits for one. */
  #seal(close = false): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
    const parts = this.#parts
    const size = this.#size
    const kept = this.#kept
    const count = parts.length
    if (count === 0 && !close) return
    this.#parts = []
    this.#size = 0
    this.#kept = undefined
    const body = count > 0 ? joinEncoded(parts) : undefined
    const keeping = this.#delivery.add({ body, size, count, close })
    kept?.resolve(keeping)
  }

  /** Resolves when all batches there are now are acknowledged. */
  #flush(close = false): Promise<Appended> {
    this.#seal(close)
    const { batches } = this.#delivery
    const awaited = new Set(batches)
    return this.#delivery.wait(() => !awaited.has(batches[0]!))
  }

  #end(close: boolean, final?: unknown): Promise<Appended> {
    const end = async (): Promise<Appended> => {
      if (final !== undefined) this.#push(final)
      const appended = await this.#flush(close)
      this.#isOver = true
      this.abort(this.#closedError())
      return appended
    }
    this.#ended ??= this.#inOrder(end).catch((error: unknown) => {
      // Nothing has ended: what was to be the last value cannot be stored.
      if (this.#isAlive()) this.#ended = undefined
      throw error
    })
    return this.#ended
  }
}
