import { StreamError } from '../../../src/core/errors.ts'
import { applyChange, type Batch, type Entry, type Slot } from './batch.ts'
import { createCommits, type Commits } from './commits.ts'
import { openEnvironment, type Environment } from './environment.ts'
import { createGarbage } from './garbage.ts'
import { ABOUT_KEY, NEXT_ID_KEY, readId } from './keys.ts'
import { listStreams } from './list.ts'
import { claimStore, type Claim } from './owner.ts'
import { createSpace, type Space } from './space.ts'
import { createSlots, type Slots } from './slots.ts'
import { producerOf, readStream, trimProducers, type Store, type Stream } from './stream.ts'
import type { Decide, Slice, Storage, StreamRecord, UpdateScope } from '../storage.ts'

/** Where an LMDB store lies, and how much memory it may use. */
export interface LmdbOptions {
  /** Folder of the store, on a local disk. Made if it is missing. One process at a time uses it. */
  path: string
  /** Memory for the ends of streams in use, in bytes: live readers are served from it. Default 64 MiB. */
  memoryBytes?: number
  /** So many streams in use are kept at hand. Default 20,000. */
  streamsInMemory?: number
  /** The store's file never gets longer than that; writes that need more are refused (507). */
  maxBytes?: number
  /**
   * Bytes that are stored as one value. Fixed when the store is made. Default 65,512: 16 pages of
   * 4 KiB, but for the header that LMDB puts before a value.
   */
  chunkBytes?: number
}

const DEFAULT_MEMORY_BYTES = 64 * 1024 * 1024
const DEFAULT_STREAMS = 20_000
const DEFAULT_CHUNK_BYTES = 65_512
const LAYOUT_VERSION = 1
const NO_PATHS: readonly string[] = []

/** A folder that is ours. */
interface Owned {
  environment: Environment
  claim: Claim
  space: Space
}

/** Everything of a store that is open. */
interface Open extends Owned {
  store: Store
  slots: Slots
  commits: Commits
  nextId: () => number
}

/**
 * Keeps streams on disk, in LMDB. Whatever was answered is on disk: neither the end of the process
 * nor of the machine's power loses it. Needs the package `lmdb`. Opens at the first use, whose
 * promise rejects with what is wrong:
 *
 * @throws {StreamError} `invalid` if `lmdb` is missing, or the folder cannot be used; `unavailable` if
 *   another process uses it.
 */
export function lmdbStorage(options: LmdbOptions): Storage {
  const watchers = new Map<string, Set<() => void>>()
  let opened: Open | undefined
  let opening: Promise<Open> | undefined
  let closing: Promise<void> | undefined

  return {
    async update(path, decide, scope) {
      assertOpen()
      const at = opened ?? (await ready())
      return update(at, path, decide, scope)
    },

    async read(path, start, maxBytes) {
      assertOpen()
      return read(opened ?? (await ready()), path, start, maxBytes)
    },

    async list(after, limit) {
      assertOpen()
      return listStreams((opened ?? (await ready())).store, after, limit)
    },

    watch(path, listener) {
      assertOpen()
      const listeners = watchers.get(path) ?? new Set()
      watchers.set(path, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && watchers.get(path) === listeners) watchers.delete(path)
      }
    },

    close() {
      closing ??= close()
      return closing
    },
  }

  function ready(): Promise<Open> {
    opening ??= open(options, notify).then(
      (done) => (opened = done),
      (error: unknown) => {
        // The way may be free at the next try.
        opening = undefined
        throw error
      },
    )
    return opening
  }

  async function close(): Promise<void> {
    watchers.clear()
    const at = await opening?.catch(() => undefined)
    if (!at) return
    await at.commits.idle()
    await at.space.close()
    await at.environment.data.close()
    await at.claim.release()
  }

  function notify(path: string): void {
    const listeners = watchers.get(path)
    if (listeners) for (const listener of [...listeners]) listener()
  }

  function assertOpen(): void {
    if (closing) throw new Error('The LMDB storage is closed')
  }
}

async function open(options: LmdbOptions, notify: (path: string) => void): Promise<Open> {
  const environment = await openEnvironment(options.path)
  let claim: Claim | undefined
  try {
    claim = await claimStore(environment)
    const space = await createSpace(environment, options.maxBytes ?? Infinity, () =>
      performance.now(),
    )
    return openStore({ environment, claim, space }, options, notify)
  } catch (error) {
    await environment.data.close()
    await claim?.release()
    throw error
  }
}

function openStore(
  { environment, claim, space }: Owned,
  options: LmdbOptions,
  notify: (path: string) => void,
): Open {
  const { data } = environment
  const chunkBytes = aboutStore(environment, options.chunkBytes ?? DEFAULT_CHUNK_BYTES)
  const store: Store = { environment, chunkBytes, meter: { usedBytes: 0 } }
  const { streamsInMemory = DEFAULT_STREAMS, memoryBytes = DEFAULT_MEMORY_BYTES } = options
  const slots = createSlots(store, streamsInMemory, memoryBytes)
  const garbage = createGarbage(environment)
  const lastId = data.getBinary(NEXT_ID_KEY)
  let next = lastId ? readId(lastId) : 1
  const commits = createCommits(
    { store, claim, garbage, space },
    {
      nextId: () => next,
      onCommitted(batch) {
        const noticed = batch.entries.filter(settle)
        for (const waiter of batch.waiters) waiter.resolve()
        for (const { ended } of batch.entries) for (const stream of ended) drop(stream)
        for (const { slot } of noticed) notify(slot.path)
        slots.shrink()
      },
      onFailed(batches, error) {
        for (const { entries } of batches) for (const { slot } of entries) slots.drop(slot)
        for (const { waiters } of batches) for (const waiter of waiters) waiter.reject(error)
      },
    },
  )
  return { environment, claim, space, store, slots, commits, nextId: () => next++ }

  function drop(stream: Stream): void {
    stream.tail.forget()
    if (stream.isWritten) garbage.add(stream.id)
  }

  /** Shows readers what was committed. @returns whether they can notice it. */
  function settle({ batch, slot, stream, record, end }: Entry): boolean {
    const before = slot.committed
    const seen = before?.committed
    slot.committed = stream
    if (slot.entry?.batch === batch) slot.entry = undefined
    if (!stream || !record) {
      if (!slot.entry) slots.drop(slot)
      return !!before
    }
    stream.committed = { record, end }
    stream.tail.trim(end)
    trimProducers(stream, batch.number)
    return before !== stream || !seen || end > seen.end || differs(seen.record, record)
  }
}

/** A stream that only slid its expiry is no news to its readers. */
function differs(before: StreamRecord, after: StreamRecord): boolean {
  return after.closed !== before.closed || after.softDeleted !== before.softDeleted
}

/** What the store says of itself; a new one is told. @returns its chunk size. */
function aboutStore({ data, directory }: Environment, chunkBytes: number): number {
  const found = data.getBinary(ABOUT_KEY)
  if (!found) {
    const about = { version: LAYOUT_VERSION, chunkBytes }
    data.putSync(ABOUT_KEY, Buffer.from(JSON.stringify(about)))
    return chunkBytes
  }
  const about = JSON.parse(found.toString()) as { version: number; chunkBytes: number }
  if (about.version === LAYOUT_VERSION) return about.chunkBytes
  const message = `The store in ${directory} has layout ${about.version}, this version reads layout ${LAYOUT_VERSION}: use the version that made it`
  throw new StreamError('invalid', message)
}

function update<Outcome>(
  { store, slots, commits, nextId }: Open,
  path: string,
  decide: Decide<Outcome>,
  { producer, others: otherPaths = NO_PATHS }: UpdateScope = {},
): Promise<Outcome> {
  const slot = slots.find(path)
  const others = otherPaths.map((other) => slots.find(other))
  const known =
    producer === undefined || !slot.now ? undefined : producerOf(store, slot.now, producer)
  const seen = others.map((other) => other.now?.record)
  let decision
  try {
    decision = decide(slot.now?.record, known, seen)
  } catch (error) {
    return settled(latestBatch(slot, others), () => {
      throw error
    })
  }
  const { outcome, change, otherChanges } = decision
  if (change || otherChanges?.some(Boolean)) {
    const batch = commits.current()
    const place = { store, keep: slots.keep, nextId }
    if (change) applyChange(place, batch, slot, change, producer)
    otherChanges?.forEach((other, i) => {
      if (other) applyChange(place, batch, others[i]!, other)
    })
    return settled(batch, () => outcome)
  }
  return settled(latestBatch(slot, others), () => outcome)
}

/** What a decision saw may still fail to be stored; then the decision is void too. */
function latestBatch(slot: Slot, others: readonly Slot[]): Batch | undefined {
  let latest = slot.entry?.batch
  for (const { entry } of others) {
    if (entry && (!latest || entry.batch.number > latest.number)) latest = entry.batch
  }
  return latest
}

/** Answers once the batch is committed; at once without one. */
async function settled<Outcome>(batch: Batch | undefined, answer: () => Outcome): Promise<Outcome> {
  if (batch) {
    await new Promise<void>((resolve, reject) => batch.waiters.push({ resolve, reject }))
  }
  return answer()
}

function read(
  { store, slots }: Open,
  path: string,
  start: number,
  maxBytes: number,
): Slice | undefined {
  const stream = slots.find(path).committed
  if (!stream?.committed) return undefined
  const { record, end } = stream.committed
  const to = Math.min(end, start + maxBytes)
  const bytes = start < stream.base || start >= to ? [] : readStream(store, stream, start, to)
  return { record, bytes }
}
