import { StaleEpochError } from './append-error.ts'
import { type Deferred, deferred, handled } from './deferred.ts'
import { createDelivery, type Delivery } from './delivery.ts'
import type { DurableStream } from './durable-stream.ts'
import { type Encoded, encodeBytes, encodeJson, isJson, joinEncoded } from './encode.ts'
import { asStreamError, StreamError } from './errors.ts'
import { type Appended, post } from './post.ts'
import type { ProducerOptions } from './producer-options.ts'
import { unpackBatch } from './stored-batch.ts'

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
  readonly #stream: DurableStream<Item>
  readonly #options: ProducerOptions
  #delivery!: Delivery
  #isJson: boolean | undefined
  #starting: Promise<void> | undefined
  /** Appends that wait for the start. Later ones go behind them. */
  #waiting = 0
  /** What waits to become a batch. */
  #parts: Encoded[] = []
  #size = 0
  #room: Promise<void> | undefined
  #kept: Deferred<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isDue = false
  #ended: Promise<Appended> | undefined
  #isOver = false

  /** @param id names this producer on the stream, at most 256 characters: one writer at a time has it. */
  constructor(stream: DurableStream<Item>, id: string, options: ProducerOptions = {}) {
    this.id = id
    this.#stream = stream
    this.#options = options
    this.#begin(options.epoch ?? 0)
    if (options.store) handled(this.#start())
    else if (stream['contentType'] !== undefined) this.#isJson = isJson(stream['contentType'])
  }

  get epoch(): number {
    return this.#delivery.next.epoch
  }

  /** Sequence number of the next batch. */
  get nextSeq(): number {
    return this.#delivery.next.seq
  }

  /** How many values are not acknowledged. */
  get pendingCount(): number {
    return this.#delivery.batches.reduce((sum, { count }) => sum + count, this.#parts.length)
  }

  /** How many batches are on their way. */
  get inFlightCount(): number {
    return this.#delivery.inFlight()
  }

  /** Resolves when there is room for more. Rejects when the producer has failed. */
  get ready(): Promise<void> {
    if (this.#hasRoom() && !this.#delivery.signal.aborted) return DONE
    this.#room ??= handled(
      this.#delivery
        .wait(() => this.#hasRoom())
        .then(() => {
          this.#room = undefined
        }),
    )
    return this.#room
  }

  /**
   * Takes one value to be stored, as `DurableStream.append` does.
   *
   * @returns what tells when to append more: see `ready` (and `store`). It need not be awaited, and
   *   does not say that the value is stored: `flush` does. It rejects when the producer has failed.
   * @throws {StreamError} `invalid`, by rejection, for a value that the stream cannot hold; `closed`.
   */
  append(value: Item | string | Uint8Array): Promise<void> {
    if (this.#ended) return Promise.reject(this.#closedError())
    const isEarly = this.#isJson === undefined || this.#waiting > 0
    return isEarly ? handled(this.#addLater(value)) : this.#add(value)
  }

  /**
   * Resolves when all that was appended before is acknowledged.
   *
   * @throws what made the producer fail.
   */
  async flush(): Promise<Appended> {
    if (this.#ended) return this.#ended
    await this.#start()
    this.#seal()
    return this.#acknowledged()
  }

  /** Flushes, with `final` if there is one, and closes the stream in the same step. */
  close(final?: Item | string | Uint8Array): Promise<Appended> {
    this.#ended ??= this.#end(true, final)
    return this.#ended
  }

  /** Flushes, and ends the producer: the stream stays open. */
  detach(): Promise<Appended> {
    this.#ended ??= this.#end(false)
    return this.#ended
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
    const { signal } = this.#delivery
    if (!signal.aborted) await this.flush()
    const known = signal.reason instanceof StaleEpochError ? signal.reason.currentEpoch : 0
    this.#begin(Math.max(this.epoch, known) + 1)
  }

  #hasRoom(): boolean {
    const { maxBufferedBytes = 8 << 20 } = this.#options
    return this.#size + this.#delivery.size() <= maxBufferedBytes
  }

  #closedError(): StreamError {
    return new StreamError('closed', `Producer ${this.id} was closed or detached: restart() it`)
  }

  #begin(epoch: number): void {
    const { signal, backoff, autoClaim = false, maxInFlight = 5, store } = this.#options
    this.#ended = this.#room = undefined
    this.#isOver = false
    this.#parts = []
    this.#size = 0
    this.#delivery = createDelivery({
      epoch,
      autoClaim,
      store,
      maxInFlight: Math.max(1, maxInFlight),
      backoff: { ...this.#stream['backoff'], ...backoff },
      send: ({ body, close, ...numbers }, signal) =>
        post(this.#stream['endpoint'], {
          contentType: this.#stream['contentType'],
          body,
          close,
          producer: { id: this.id, ...numbers },
          signal,
        }),
      onRoom: () => this.#isDue && this.#seal(),
      onFailed: (error) => this.#failed(error),
    })
    const { fail } = this.#delivery
    signal?.addEventListener('abort', () => fail(signal.reason), { signal: this.#delivery.signal })
    if (signal?.aborted) fail(signal.reason)
  }

  #failed(error: unknown): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#kept?.reject(error)
    this.#kept = undefined
    if (!this.#isOver) this.#options.onError?.(error)
  }

  /** @throws what made the producer fail. */
  async #start(): Promise<void> {
    const { fail, signal } = this.#delivery
    this.#starting ??= this.#load().catch((error: unknown) => {
      // Asked again after a restart: the stream may have been made by then.
      this.#starting = undefined
      fail(asStreamError(error, 'Starting a producer'))
    })
    await this.#starting
    signal.throwIfAborted()
  }

  async #load(): Promise<void> {
    const { next, resume, pump } = this.#delivery
    const state = await this.#options.store?.load()
    this.#isJson = isJson(await this.#stream['ask']())
    if (!state) return
    // The next epoch shuts out a process that is still alive.
    next.epoch = Math.max(next.epoch, state.epoch + 1)
    for (const stored of state.batches) resume(unpackBatch(stored))
    pump()
  }

  async #addLater(value: Item | string | Uint8Array): Promise<void> {
    this.#waiting++
    try {
      await this.#start()
    } finally {
      this.#waiting--
    }
    try {
      await this.#add(value)
    } catch (error) {
      // Who appended does not wait for this, perhaps.
      if (!this.#delivery.signal.aborted) this.#options.onError?.(error)
      throw error
    }
  }

  #add(value: unknown): Promise<void> {
    const { maxBatchBytes = 1 << 20, lingerMs = 5, store } = this.#options
    if (this.#delivery.signal.aborted) return this.ready
    let data: Encoded
    try {
      data = this.#isJson ? encodeJson(value) : encodeBytes(value)
    } catch (error) {
      return Promise.reject(error as Error)
    }
    // An empty text, or no bytes.
    if (data.length === 0) return this.ready
    if (this.#size + data.length > maxBatchBytes) this.#seal()
    this.#parts.push(data)
    this.#size += data.length
    if (store) this.#kept ??= deferred()
    const kept = this.#kept
    if (this.#size >= maxBatchBytes) this.#seal()
    else this.#timer ??= setTimeout(() => this.#linger(), lingerMs)
    return kept ? kept.promise : this.ready
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
  #acknowledged(): Promise<Appended> {
    const { batches, wait } = this.#delivery
    const awaited = new Set(batches)
    return wait(() => !awaited.has(batches[0]!))
  }

  async #end(close: boolean, final?: unknown): Promise<Appended> {
    try {
      await this.#start()
      if (final !== undefined) await Promise.race([this.#add(final), DONE])
    } catch (error) {
      // Nothing has ended: what was to be the last value cannot be stored.
      if (!this.#delivery.signal.aborted) this.#ended = undefined
      throw error
    }
    this.#seal(close)
    const appended = await this.#acknowledged()
    this.#isOver = true
    this.#delivery.fail(this.#closedError())
    return appended
  }
}
