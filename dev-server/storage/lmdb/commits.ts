import { StreamError } from '../../../src/core/errors.ts'
import { OWNER_KEY, type Claim } from './owner.ts'
import { isFull, newBatch, type Batch } from './batch.ts'
import { writesOf } from './write-batch.ts'
import { hand } from './writes.ts'
import type { Garbage } from './garbage.ts'
import type { Space } from './space.ts'
import type { Store } from './stream.ts'

/** The queue of batches before the disk. One transaction at a time, off the main thread. */
export interface Commits {
  /** The batch that takes the next decision; it will be committed soon. */
  current(): Batch
  /** Resolves when the queue is committed. What deleted streams left waits for the next start. */
  close(): Promise<void>
}

export interface CommitEvents {
  /** The batch is on disk. */
  onCommitted(batch: Batch): void
  /** The batch, and those after it, left nothing on disk. */
  onFailed(batches: readonly Batch[], error: unknown): void
  nextId(): number
}

/** What a commit depends on. */
export interface CommitNeeds {
  store: Store
  claim: Claim
  garbage: Garbage
  space: Space
}

export function createCommits(needs: CommitNeeds, events: CommitEvents): Commits {
  const { garbage } = needs
  const queue: Batch[] = []
  let lastNumber = 0
  let running: Promise<void> | undefined
  /** Not after the removal of garbage failed, until something else succeeds. */
  let isCleaning = true
  /** Whether the last batch failed. */
  let isStrained = false
  let isClosing = false
  start()

  return {
    current() {
      const last = queue.at(-1)
      if (last && !isFull(last)) return last
      const batch = newBatch(++lastNumber)
      queue.push(batch)
      start()
      return batch
    },

    async close() {
      isClosing = true
      while (running) await running
    },
  }

  function start(): void {
    if (running || !hasWork()) return
    running = run().finally(() => {
      running = undefined
      start()
    })
  }

  function hasWork(): boolean {
    return queue.length > 0 || canClean()
  }

  function canClean(): boolean {
    return isCleaning && !isClosing && garbage.isLeft()
  }

  async function run(): Promise<void> {
    while (hasWork()) {
      // What else arrives in this turn of the event loop comes along.
      await new Promise((resolve) => setImmediate(resolve))
      const batch = queue.shift()
      if (batch) await commitNext(batch, !isStrained)
      // On a full disk what is removed must not depend on what is added.
      if (canClean() && (isStrained || !batch)) await commitNext(newBatch(++lastNumber), true)
    }
  }

  async function commitNext(batch: Batch, cleans: boolean): Promise<void> {
    const isAsked = batch.entries.length > 0
    try {
      await commit(needs, batch, events.nextId(), cleans)
    } catch (error) {
      if (cleans) garbage.retry()
      if (isAsked) isStrained = true
      else isCleaning = false
      const failed = isAsked ? [batch, ...queue.splice(0)] : [batch]
      events.onFailed(failed, error)
      return
    }
    if (isAsked) {
      isStrained = false
      isCleaning = true
    }
    events.onCommitted(batch)
  }
}

/** Hands a batch to LMDB. Resolves once it is on disk. */
async function commit(
  { store, claim, garbage, space }: CommitNeeds,
  batch: Batch,
  nextId: number,
  cleans: boolean,
): Promise<void> {
  const { owners, directory } = store.environment
  const writes = writesOf(store, batch, nextId)
  if (cleans) garbage.removeSome(writes)
  const room = space.reserve(writes)
  if (room) await room
  let isOurs
  try {
    isOurs = await owners.ifVersion(OWNER_KEY, claim.nonce, () => hand(store.environment, writes))
  } catch (cause) {
    throw await diskError(directory, cause)
  }
  if (isOurs) return
  throw new StreamError('unavailable', `Another process took over the store in ${directory}`)
}

/** lmdb tells the reason of a failed commit apart from its failure. */
async function diskError(directory: string, failure: unknown): Promise<StreamError> {
  const told = (failure as { commitError?: Promise<unknown> }).commitError
  const cause = told ? await told.catch((error: unknown) => error) : failure
  const reason = cause instanceof Error ? cause.message : String(cause)
  const message = `The store in ${directory} could not take the data: ${reason}`
  return new StreamError('unavailable', message, { status: 507, cause })
}
