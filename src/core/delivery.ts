import { linkedController } from './abort-link.ts'
import { SequenceGapError, StaleEpochError, StreamClosedError } from './append-error.ts'
import type { BackoffPolicy } from './backoff.ts'
import { type Deferred, deferred, handled } from './deferred.ts'
import { asStreamError } from './errors.ts'
import { type Appended, isUnapplied, post } from './post.ts'
import type { ProducerOptions } from './producer-options.ts'
import { withRetry } from './retry.ts'
import { type Batch, packBatch } from './stored-batch.ts'
import type { StreamHandle } from './stream-handle.ts'

export interface DeliveryOptions extends ProducerOptions {
  /** One more batch may be on its way. */
  onRoom: () => void
  onFailed: (error: unknown) => void
  /** Nothing is saved before this settles. */
  savedBefore: Promise<void> | undefined
}

/**
 * Gets batches to the server, some at once, each again under its own number until it is acknowledged.
 *
 * Requests at once may arrive in any order, and the server refuses one that is early: it goes again,
 * and meanwhile fewer are on their way. Each success lets one more go. Protocol section 4.
 */
export class Delivery {
  /** Not acknowledged, in order. */
  readonly batches: Batch[] = []
  /** Of the next batch. */
  epoch: number
  seq = 0
  /** Size of all batches. */
  size = 0
  inFlight = 0
  /** Aborts with what made it fail. */
  readonly signal: AbortSignal
  readonly fail: (error: unknown) => void
  /** Settles when all is saved. */
  saving: Promise<void>

  readonly #stream: StreamHandle
  readonly #id: string
  readonly #options: DeliveryOptions
  readonly #backoff: BackoffPolicy
  readonly #waiters = new Map<() => boolean, Deferred<Appended>>()
  #window = 1
  #claims = 0
  #claim: { epoch: number; error: unknown } | undefined
  #offset = ''

  constructor(stream: StreamHandle, id: string, options: DeliveryOptions) {
    const life = linkedController(options.signal)
    this.fail = (error) => life.abort(error)
    this.signal = life.signal
    this.epoch = options.epoch ?? 0
    this.saving = Promise.resolve(options.savedBefore).catch(() => undefined)
    this.#stream = stream
    this.#id = id
    this.#options = options
    this.#backoff = { ...stream.backoff, ...options.backoff }
    const failed = (): void => {
      for (const { reject } of this.#waiters.values()) reject(life.signal.reason)
      options.onFailed(life.signal.reason)
    }
    if (life.signal.aborted) failed()
    life.signal.addEventListener('abort', failed)
  }

  /** @returns what resolves when the new batch would survive a crash. */
  add(made: Pick<Batch, 'body' | 'size' | 'count' | 'close'>): Promise<void> | undefined {
    const batch: Batch = { ...made, epoch: this.epoch, seq: this.seq++ }
    this.resume(batch)
    batch.kept = this.#keep()
    this.pump()
    return batch.kept
  }

  /** Takes a batch that has its numbers. */
  resume(batch: Batch): void {
    this.batches.push(batch)
    this.size += batch.size
  }

  /** Resolves when `isOver` after an acknowledgement, with the end of the stream as far as known. */
  wait(isOver: () => boolean): Promise<Appended> {
    const waiter = this.#waiters.get(isOver) ?? deferred<Appended>()
    if (this.signal.aborted) waiter.reject(this.signal.reason)
    else if (isOver()) waiter.resolve({ offset: this.#offset })
    else this.#waiters.set(isOver, waiter)
    return waiter.promise
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (this.#claim && this.inFlight === 0) this.#takeEpoch(this.#claim)
    if (this.#claim || this.signal.aborted) return
    const [first] = this.batches
    for (const batch of this.batches) {
      // The first of an epoch opens it, when all that an earlier epoch left is acknowledged.
      const mustWait = batch !== first && (first!.seq === 0 || batch.epoch !== first!.epoch)
      if (mustWait || this.inFlight >= this.#window) return
      if (!batch.isSent) void this.#deliver(batch)
    }
    if (this.inFlight < this.#window) this.#options.onRoom()
  }

  async #deliver(batch: Batch): Promise<void> {
    batch.isSent = true
    this.inFlight++
    let wasFirst = false
    const attempt = (): Promise<Appended> => {
      wasFirst = batch === this.batches[0]
      return this.#post(batch)
    }
    try {
      await batch.kept
      this.#acknowledged(batch, await withRetry(attempt, this.#backoff, this.signal))
    } catch (error) {
      this.#refused(batch, error, wasFirst)
    }
    this.inFlight--
    this.pump()
  }

  async #post(batch: Batch): Promise<Appended> {
    const { body, close, epoch, seq } = batch
    const { signal } = this
    const contentType = this.#stream.contentType
    const producer = { id: this.#id, epoch, seq }
    try {
      return await post(this.#stream.endpoint, { contentType, body, close, producer, signal })
    } catch (error) {
      // As is wished, by whomever.
      if (!body && error instanceof StreamClosedError) return { offset: error.offset ?? '' }
      batch.mayBeStored ||= !isUnapplied(error)
      throw error
    }
  }

  #acknowledged(batch: Batch, { offset }: Appended): void {
    const { batches } = this
    if (this.signal.aborted) return
    batches.splice(batches.indexOf(batch), 1)
    this.size -= batch.size
    this.#window = Math.max(1, Math.min(this.#window + 1, this.#options.maxInFlight ?? 5))
    this.#claims = 0
    // Answers overtake each other; offsets sort as text (protocol section 1).
    if (offset > this.#offset) this.#offset = offset
    const [first] = batches
    if (first?.epoch !== batch.epoch) {
      // Once the next epoch is open, what is kept must not bring up this one again.
      const kept = this.#keep()
      if (first) first.kept = kept
    }
    for (const [isOver, { resolve }] of this.#waiters) {
      if (isOver() && this.#waiters.delete(isOver)) resolve({ offset: this.#offset })
    }
  }

  #refused(batch: Batch, error: unknown, wasFirst: boolean): void {
    if (this.signal.aborted) return
    batch.isSent = false
    this.#window = 1
    const isGap = error instanceof SequenceGapError
    // Early, no more: it goes again when those before it are acknowledged.
    if (isGap && !wasFirst) return
    let current = NaN
    if (error instanceof StaleEpochError) current = error.currentEpoch
    // The server knows nothing of this producer any more.
    else if (isGap && error.expectedSeq === 0) current = 0
    const epoch = Math.max(current, this.epoch) + 1
    if (this.#options.autoClaim && Number.isSafeInteger(epoch)) this.#claim = { epoch, error }
    else this.fail(error)
  }

  #takeEpoch({ epoch, error }: { epoch: number; error: unknown }): void {
    const { batches } = this
    this.#claim = undefined
    // A batch that may be stored already must not go under another number.
    const isUnsafe = batches.some(({ mayBeStored }) => mayBeStored)
    if (isUnsafe || ++this.#claims >= this.#backoff.maxAttempts) return this.fail(error)
    this.epoch = epoch
    this.seq = 0
    for (const batch of batches) Object.assign(batch, { epoch, seq: this.seq++ })
    const kept = this.#keep()
    for (const batch of batches) batch.kept = kept
  }

  /** Keeps all batches as they are now. */
  #keep(): Promise<void> | undefined {
    const { store } = this.#options
    if (!store) return undefined
    const { epoch, seq } = this
    const state = { epoch, seq, batches: this.batches.map(packBatch) }
    this.saving = this.saving
      .then(() => {
        this.signal.throwIfAborted()
        return store.save(state)
      })
      .catch((error: unknown) => {
        this.fail(asStreamError(error, 'Saving'))
        throw this.signal.reason
      })
    return handled(this.saving)
  }
}
