import { newStream, setProducer, trimProducers, type Store, type Stream } from './stream.ts'
import type { Change, ProducerState, StreamRecord } from '../storage.ts'

/** What memory knows of one path. */
export interface Slot {
  readonly path: string
  /** As decided. */
  now: Stream | undefined
  /** As committed. */
  committed: Stream | undefined
  /** The latest change of it that is not committed yet. */
  entry: Entry | undefined
  /** Whether it was asked for since the last look for what to forget. */
  isUsed: boolean
}

/** Decisions that are committed together. */
export interface Batch {
  /** Batches are committed in the order of their numbers. */
  readonly number: number
  readonly entries: Entry[]
  /** Those who hear of the commit. */
  readonly waiters: Waiter[]
  /** How many bytes are appended. */
  appendedBytes: number
}

/** What a batch makes of one path: where it stands after all of the batch's decisions. */
export interface Entry {
  readonly batch: Batch
  readonly slot: Slot
  stream: Stream | undefined
  record: StreamRecord | undefined
  end: number
  /** Earlier lives of the path that end in this batch. */
  readonly ended: Stream[]
  producers: Map<string, ProducerState> | undefined
}

/** Whoever waits for a batch: with an outcome, or with an error to be thrown. */
export interface Waiter {
  readonly outcome: unknown
  readonly isRefusal: boolean
  readonly resolve: (outcome: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Where changes go. */
export interface Place {
  store: Store
  /** For a new stream. */
  nextId(): number
}

/** A larger batch would keep the event loop, and those who wait for the disk, for too long. */
const MAX_ENTRIES = 1000
const MAX_BYTES = 8 * 1024 * 1024

export function newBatch(number: number): Batch {
  return { number, entries: [], waiters: [], appendedBytes: 0 }
}

export function isFull({ entries, appendedBytes }: Batch): boolean {
  return entries.length >= MAX_ENTRIES || appendedBytes >= MAX_BYTES
}

/** Lets the next decision on the slot see the change, and the batch commit it. */
export function applyChange(
  { store, nextId }: Place,
  batch: Batch,
  slot: Slot,
  change: Change,
  producer?: string,
): void {
  const before = slot.now
  if (change.kind === 'delete' && !before) return
  const entry = entryOf(batch, slot)
  let stream = change.kind === 'update' ? before : undefined
  if (!stream) {
    if (before) entry.ended.push(before)
    entry.producers = undefined
    if (change.kind !== 'delete') stream = newStream(store, nextId(), change.record)
    slot.now = entry.stream = stream
  }
  if (change.kind === 'delete' || !stream) return
  stream.record = entry.record = change.record
  if (change.append) {
    stream.tail.append(change.append)
    batch.appendedBytes += change.append.length
  }
  entry.end = stream.tail.end
  if (change.kind === 'update' && change.producer && producer !== undefined) {
    setProducer(stream, producer, change.producer, batch.number)
    entry.producers ??= new Map()
    entry.producers.set(producer, change.producer)
  }
}

function entryOf(batch: Batch, slot: Slot): Entry {
  if (slot.entry?.batch === batch) return slot.entry
  const entry: Entry = {
    batch,
    slot,
    stream: slot.now,
    record: slot.now?.record,
    end: slot.now?.tail.end ?? 0,
    ended: [],
    producers: undefined,
  }
  slot.entry = entry
  batch.entries.push(entry)
  return entry
}

/** Shows readers what was committed. @returns whether they can notice it. */
export function settleEntry({ batch, slot, stream, record, end }: Entry): boolean {
  const before = slot.committed
  const seen = before?.committed
  slot.committed = stream
  if (slot.entry?.batch === batch) slot.entry = undefined
  if (!stream || !record) return !!before
  stream.committed = { record, end }
  stream.tail.trim(end)
  trimProducers(stream, batch.number)
  return before !== stream || !seen || end > seen.end || differs(seen.record, record)
}

/** A stream that only slid its expiry is no news to its readers. */
function differs(before: StreamRecord, after: StreamRecord): boolean {
  return after.closed !== before.closed || after.softDeleted !== before.softDeleted
}
