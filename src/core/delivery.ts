import { linkedController } from './abort-link.ts'
import { SequenceGapError, StaleEpochError } from './append-error.ts'
import { type Deferred, deferred, handled } from './deferred.ts'
import type { DurableStream } from './durable-stream.ts'
import type { Encoded } from './encode.ts'
import { asStreamError } from './errors.ts'
import { type Appended, isUnapplied, post } from './post.ts'
import type { ProducerOptions, StoredBatch } from './producer-options.ts'
import { withRetry } from './retry.ts'
import { packBatch } from './stored-batch.ts'

/** A batch until it is acknowledged. */
export interface Batch extends Omit<StoredBatch, 'body'> {
  /** Nothing only to close. */
  body: Encoded | undefined
  size: number
  isSent?: boolean
  /** A try of it ended without an answer. */
  mayBeStored?: boolean
  /** Resolves when it would survive a crash. */
  kept?: Promise<void> | undefined
}

export interface DeliveryOptions extends ProducerOptions {
  /** One more batch may be on its way. */
  onRoom: () => void
  onFailed: (error: unknown) => void
}

export interface Delivery {
  /** Not acknowledged, in order. */
  readonly batches: Batch[]
  /** Numbers of the next batch. */
  readonly next: { epoch: number; seq: number }
  /** Aborts with what made it fail. */
  readonly signal: AbortSignal
  inFlight: () => number
  /** Size of all batches. */
  size: () => number
  /** Takes a batch that has its numbers. */
  resume: (batch: Batch) => void
  /** @returns what resolves when the new batch would survive a crash. */
  add: (batch: Pick<Batch, 'body' | 'size' | 'count' | 'close'>) => Promise<void> | undefined
  /** Sends what may be sent now. */
  pump: () => void
  /** Resolves when `isOver` after an acknowledgement, with the end of the stream as far as known. */
  wait: (isOver: () => boolean) => Promise<Appended>
  fail: (error: unknown) => void
}

/**
 * Gets batches to the server, some at once, each again under its own number until it is acknowledged.
 *
 * Requests at once may arrive in any order, and the server refuses one that is early: it goes again,
 * and meanwhile fewer are on their way. Each success lets one more go. Protocol section 4.
 */
export function createDelivery(
  stream: DurableStream,
  id: string,
  options: DeliveryOptions,
): Delivery {
  const { epoch = 0, maxInFlight = 5, autoClaim, store } = options
  const backoff = { ...stream['backoff'], ...options.backoff }
  const batches: Batch[] = []
  const next = { epoch, seq: 0 }
  const life = linkedController(options.signal)
  const { signal } = life
  const fail = (error: unknown): void => life.abort(error)
  const waiters = new Map<() => boolean, Deferred<Appended>>()
  let inFlight = 0
  let size = 0
  let window = 1
  let claims = 0
  let claim: { epoch: number; error: unknown } | undefined
  let offset = ''
  let saving = Promise.resolve()

  function pump(): void {
    if (claim && inFlight === 0) takeEpoch(claim.epoch, claim.error)
    if (claim || signal.aborted) return
    const first = batches[0]
    for (const batch of batches) {
      // The first of an epoch opens it, when all that an earlier epoch left is acknowledged.
      const mustWait = batch !== first && (first!.seq === 0 || batch.epoch !== first!.epoch)
      if (mustWait || inFlight >= window) return
      if (!batch.isSent) void deliver(batch)
    }
    if (inFlight < window) options.onRoom()
  }

  async function deliver(batch: Batch): Promise<void> {
    batch.isSent = true
    inFlight++
    let wasFirst = false
    const attempt = async (): Promise<Appended> => {
      wasFirst = batch === batches[0]
      const { body, close, epoch, seq } = batch
      const producer = { id, epoch, seq }
      try {
        return await post(stream['endpoint'], {
          contentType: stream['contentType'],
          body,
          close,
          producer,
          signal,
        })
      } catch (error) {
        batch.mayBeStored ||= !isUnapplied(error)
        throw error
      }
    }
    try {
      await batch.kept
      acknowledged(batch, await withRetry(attempt, backoff, signal))
    } catch (error) {
      refused(batch, error, wasFirst)
    }
    inFlight--
    pump()
  }

  function acknowledged(batch: Batch, appended: Appended): void {
    if (signal.aborted) return
    batches.splice(batches.indexOf(batch), 1)
    size -= batch.size
    window = Math.max(1, Math.min(window + 1, maxInFlight))
    claims = 0
    // Answers overtake each other; offsets sort as text (protocol section 1).
    if (appended.offset > offset) offset = appended.offset
    const [first] = batches
    if (first?.epoch !== batch.epoch) {
      // Once the next epoch is open, what is kept must not bring up this one again.
      const kept = keep()
      if (first) first.kept = kept
    }
    for (const [isOver, { resolve }] of waiters) {
      if (isOver() && waiters.delete(isOver)) resolve({ offset })
    }
  }

  function refused(batch: Batch, error: unknown, wasFirst: boolean): void {
    if (signal.aborted) return
    batch.isSent = false
    window = 1
    const isGap = error instanceof SequenceGapError
    // Early, no more: it goes again when those before it are acknowledged.
    if (isGap && !wasFirst) return
    let current = NaN
    if (error instanceof StaleEpochError) current = error.currentEpoch
    // The server knows nothing of this producer any more.
    else if (isGap && error.expectedSeq === 0) current = 0
    const epoch = Math.max(current, next.epoch) + 1
    if (autoClaim && Number.isSafeInteger(epoch)) claim = { epoch, error }
    else fail(error)
  }

  /** A batch that may be stored already must not go under another number. */
  function takeEpoch(epoch: number, error: unknown): void {
    claim = undefined
    if (++claims >= backoff.maxAttempts || batches.some(({ mayBeStored }) => mayBeStored)) {
      return fail(error)
    }
    next.epoch = epoch
    next.seq = 0
    for (const batch of batches) Object.assign(batch, { epoch, seq: next.seq++ })
    const kept = keep()
    for (const batch of batches) batch.kept = kept
  }

  function keep(): Promise<void> | undefined {
    if (!store) return undefined
    const state = { ...next, batches: batches.map(packBatch) }
    saving = saving
      .then(() => store.save(state))
      .catch((error: unknown) => {
        fail(asStreamError(error, 'Saving'))
        throw signal.reason
      })
    void handled(saving)
    return saving
  }

  function failed(): void {
    for (const { reject } of waiters.values()) reject(signal.reason)
    options.onFailed(signal.reason)
  }
  if (signal.aborted) failed()
  signal.addEventListener('abort', failed)

  function resume(batch: Batch): void {
    batches.push(batch)
    size += batch.size
  }

  return {
    batches,
    next,
    signal,
    pump,
    fail,
    inFlight: () => inFlight,
    size: () => size,
    resume,
    add(made) {
      const batch: Batch = { ...made, epoch: next.epoch, seq: next.seq++ }
      resume(batch)
      batch.kept = keep()
      pump()
      return batch.kept
    },
    wait(isOver) {
      const waiter = waiters.get(isOver) ?? deferred<Appended>()
      if (signal.aborted) waiter.reject(signal.reason)
      else if (isOver()) waiter.resolve({ offset })
      else waiters.set(isOver, waiter)
      return waiter.promise
    },
  }
}
