import { linkedController } from './abort-link.ts'
import { SequenceGapError, StaleEpochError, StreamClosedError } from './append-error.ts'
import { type Deferred, deferred, handled } from './deferred.ts'
import { asStreamError } from './errors.ts'
import { type Appended, post } from './post.ts'
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

/** The batches of one epoch, or of some: see {@link createDelivery}. */
export interface Delivery {
  /** Not acknowledged, in order. */
  readonly batches: readonly Batch[]
  /** Of the next batch. */
  epoch: number
  seq: number
  /** Size of all batches. */
  size: number
  inFlight: number
  /** Aborts with what made it fail. */
  readonly signal: AbortSignal
  /** Settles when all is saved. */
  saving: Promise<void>
  fail: (error: unknown) => void
  /** @returns what resolves when the new batch would survive a crash. */
  add: (made: Pick<Batch, 'body' | 'size' | 'count' | 'close'>) => Promise<void> | undefined
  /** Takes a batch that has its numbers. */
  resume: (batch: Batch) => void
  /** Resolves when `isOver` after an acknowledgement, with the end of the stream as far as known. */
  wait: (isOver: () => boolean) => Promise<Appended>
  /** Sends what may be sent now. */
  pump: () => void
}

// One closure of many short functions, since it is smaller than a class: docs/decisions/0006.
/**
 * Gets batches to the server, some at once, each again under its own number until it is acknowledged.
 *
 * Requests at once may arrive in any order, and the server refuses one that is early: it goes again,
 * and meanwhile fewer are on their way. Each success lets one more go. Protocol section 4.
 */
export function createDelivery(
  stream: StreamHandle,
  id: string,
  options: DeliveryOptions,
): Delivery {
  const { store, maxInFlight = 5 } = options
  const backoff = { ...stream.backoff, ...options.backoff }
  const batches: Batch[] = []
  const waiters = new Map<() => boolean, Deferred<Appended>>()
  let room = 1
  let claims = 0
  let claim: { epoch: number; error: unknown } | undefined
  let end = ''

  const life = linkedController(options.signal, (reason) => {
    for (const { reject } of waiters.values()) reject(reason)
    options.onFailed(reason)
  })
  const { signal } = life

  const delivery: Delivery = {
    batches,
    epoch: options.epoch ?? 0,
    seq: 0,
    size: 0,
    inFlight: 0,
    signal,
    saving: Promise.resolve(options.savedBefore).catch(() => undefined),
    fail: (error) => life.abort(error),
    add(made) {
      const batch: Batch = { ...made, epoch: delivery.epoch, seq: delivery.seq++ }
      delivery.resume(batch)
      batch.kept = keep()
      pump()
      return batch.kept
    },
    resume(batch) {
      batches.push(batch)
      delivery.size += batch.size
    },
    wait(isOver) {
      const waiter = waiters.get(isOver) ?? deferred<Appended>()
      if (signal.aborted) waiter.reject(signal.reason)
      else if (isOver()) waiter.resolve({ offset: end })
      else waiters.set(isOver, waiter)
      return waiter.promise
    },
    pump,
  }

  function pump(): void {
    if (claim && delivery.inFlight === 0) takeEpoch(claim)
    if (claim || signal.aborted) return
    const [first] = batches
    for (const batch of batches) {
      // The first of an epoch opens it, when all that an earlier epoch left is acknowledged.
      const mustWait = batch !== first && (first!.seq === 0 || batch.epoch !== first!.epoch)
      if (mustWait || delivery.inFlight >= room) return
      if (!batch.isSent) void deliver(batch)
    }
    if (delivery.inFlight < room) options.onRoom()
  }

  async function deliver(batch: Batch): Promise<void> {
    batch.isSent = true
    delivery.inFlight++
    let wasFirst = false
    const attempt = (): Promise<Appended> => {
      wasFirst = batch === batches[0]
      return postBatch(batch)
    }
    try {
      await batch.kept
      acknowledged(batch, await withRetry(attempt, backoff, signal))
    } catch (error) {
      refused(batch, error, wasFirst)
    }
    delivery.inFlight--
    pump()
  }

  async function postBatch(batch: Batch): Promise<Appended> {
    try {
      return await post(stream, batch, id, signal)
    } catch (error) {
      // As is wished, by whomever.
      if (!batch.body && error instanceof StreamClosedError) return { offset: error.offset ?? '' }
      throw error
    }
  }

  function acknowledged(batch: Batch, { offset }: Appended): void {
    if (signal.aborted) return
    batches.splice(batches.indexOf(batch), 1)
    delivery.size -= batch.size
    room = Math.max(1, Math.min(room + 1, maxInFlight))
    claims = 0
    // Answers overtake each other; offsets sort as text (protocol section 1).
    if (offset > end) end = offset
    const [first] = batches
    if (first?.epoch !== batch.epoch) {
      // Once the next epoch is open, what is kept must not bring up this one again.
      const kept = keep()
      if (first) first.kept = kept
    }
    for (const [isOver, { resolve }] of waiters) {
      if (isOver() && waiters.delete(isOver)) resolve({ offset: end })
    }
  }

  function refused(batch: Batch, error: unknown, wasFirst: boolean): void {
    if (signal.aborted) return
    batch.isSent = false
    room = 1
    const isGap = error instanceof SequenceGapError
    // Early, no more: it goes again when those before it are acknowledged.
    if (isGap && !wasFirst) return
    let current = NaN
    if (error instanceof StaleEpochError) current = error.currentEpoch
    // The server knows nothing of this producer any more.
    else if (isGap && error.expectedSeq === 0) current = 0
    const epoch = Math.max(current, delivery.epoch) + 1
    if (options.autoClaim && Number.isSafeInteger(epoch)) claim = { epoch, error }
    else life.abort(error)
  }

  function takeEpoch({ epoch, error }: { epoch: number; error: unknown }): void {
    claim = undefined
    // A batch that may be stored already must not go under another number.
    const isUnsafe = batches.some(({ mayBeStored }) => mayBeStored)
    if (isUnsafe || ++claims >= backoff.maxAttempts) return life.abort(error)
    delivery.epoch = epoch
    delivery.seq = 0
    for (const batch of batches) Object.assign(batch, { epoch, seq: delivery.seq++ })
    const kept = keep()
    for (const batch of batches) batch.kept = kept
  }

  /** Keeps all batches as they are now. */
  function keep(): Promise<void> | undefined {
    if (!store) return undefined
    const { epoch, seq } = delivery
    const state = { epoch, seq, batches: batches.map(packBatch) }
    delivery.saving = delivery.saving
      .then(() => {
        signal.throwIfAborted()
        return store.save(state)
      })
      .catch((error: unknown) => {
        life.abort(asStreamError(error, 'Saving'))
        throw signal.reason
      })
    return handled(delivery.saving)
  }

  return delivery
}
