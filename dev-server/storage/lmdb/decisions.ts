import { applyChange, type Batch, type Slot } from './batch.ts'
import { producerOf } from './stream.ts'
import type { Decide, UpdateScope } from '../storage.ts'
import type { OpenStore } from './open-store.ts'

const NO_PATHS: readonly string[] = []

/** Runs a rule on what was decided so far. Resolves once all that it rests on is on disk. */
export function update<Outcome>(
  at: OpenStore,
  path: string,
  decide: Decide<Outcome>,
  { producer, others: otherPaths = NO_PATHS }: UpdateScope = {},
): Promise<Outcome> {
  const { store, slots } = at
  const slot = slots.find(path)
  const { now } = slot
  const others = otherPaths.map((other) => slots.find(other))
  const known = producer === undefined || !now ? undefined : producerOf(store, now, producer)
  const seen = others.map((other) => other.now?.record)
  let decision
  try {
    decision = decide(now?.record, known, seen)
  } catch (error) {
    return answerAfter(latestBatch(slot, others), error, true)
  }
  const { outcome, change, otherChanges } = decision
  if (!change && !otherChanges?.some(Boolean)) {
    slots.shrink()
    return answerAfter(latestBatch(slot, others), outcome)
  }
  const batch = at.commits.current()
  if (change) applyChange(at, batch, slot, change, producer)
  otherChanges?.forEach((other, i) => {
    if (other) applyChange(at, batch, others[i]!, other)
  })
  return answerAfter(batch, outcome)
}

/** What a decision saw may still fail to be stored; then the decision is void too. */
function latestBatch(slot: Slot, others: readonly Slot[]): Batch | undefined {
  let latest = slot.entry?.batch
  for (const { entry } of others) {
    if (entry && (!latest || entry.batch.number > latest.number)) latest = entry.batch
  }
  return latest
}

/** An answer, or a refusal, once the batch is committed; at once without one. */
function answerAfter<Outcome>(
  batch: Batch | undefined,
  outcome: unknown,
  isRefusal = false,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    if (batch) batch.waiters.push({ outcome, isRefusal, resolve: resolve as () => void, reject })
    else if (isRefusal) reject(outcome as Error)
    else resolve(outcome as Outcome)
  })
}
