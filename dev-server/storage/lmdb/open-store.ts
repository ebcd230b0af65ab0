import { StreamError } from '../../../src/core/errors.ts'
import { settleEntry, type Batch } from './batch.ts'
import { createCommits, type Commits } from './commits.ts'
import { openEnvironment, type Environment } from './environment.ts'
import { createGarbage, type Garbage } from './garbage.ts'
import { ABOUT_KEY, NEXT_ID_KEY, readId } from './keys.ts'
import { claimStore, type Claim } from './owner.ts'
import { createSlots, type Slots } from './slots.ts'
import { createSpace, type Space } from './space.ts'
import type { Store } from './stream.ts'

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

/** A folder that is ours. */
interface Owned {
  environment: Environment
  claim: Claim
  space: Space
}

/** Everything of a store that is open. */
export interface OpenStore {
  store: Store
  slots: Slots
  commits: Commits
  /** For a new stream. */
  nextId(): number
  /** Waits for what is being committed. */
  close(): Promise<void>
}

/**
 * Opens the store, which is made if there is none.
 *
 * @param notify Is told of each path of which readers have news.
 * @throws {StreamError} `invalid` if it cannot be opened, `unavailable` if another process uses it.
 */
export async function openStore(
  options: LmdbOptions,
  notify: (path: string) => void,
): Promise<OpenStore> {
  const environment = await openEnvironment(options.path)
  let claim: Claim | undefined
  try {
    claim = await claimStore(environment)
    const { maxBytes = Infinity } = options
    const space = await createSpace(environment, maxBytes, () => performance.now())
    return assemble({ environment, claim, space }, options, notify)
  } catch (error) {
    await environment.data.close()
    await claim?.release()
    throw error
  }
}

function assemble(owned: Owned, options: LmdbOptions, notify: (path: string) => void): OpenStore {
  const { environment } = owned
  const chunkBytes = aboutStore(environment, options.chunkBytes ?? DEFAULT_CHUNK_BYTES)
  const store: Store = { environment, chunkBytes, meter: { usedBytes: 0 } }
  const { streamsInMemory = DEFAULT_STREAMS, memoryBytes = DEFAULT_MEMORY_BYTES } = options
  const slots = createSlots(store, streamsInMemory, memoryBytes)
  const garbage = createGarbage(environment)
  const lastId = environment.data.getBinary(NEXT_ID_KEY)
  let next = lastId ? readId(lastId) : 1
  const commits = createCommits(
    { store, garbage, ...owned },
    {
      nextId: () => next,
      onCommitted: (batch) => settleBatch(batch, slots, garbage, notify),
      onFailed(batches, error) {
        for (const { entries } of batches) for (const { slot } of entries) slots.drop(slot)
        for (const { waiters } of batches) for (const waiter of waiters) waiter.reject(error)
      },
    },
  )
  const close = async (): Promise<void> => {
    await commits.close()
    await owned.space.close()
    await environment.data.close()
    await owned.claim.release()
  }
  return { store, slots, commits, nextId: () => next++, close }
}

function settleBatch(
  { entries, waiters }: Batch,
  slots: Slots,
  garbage: Garbage,
  notify: (path: string) => void,
): void {
  const noticed = entries.filter(settleEntry)
  for (const { outcome, isRefusal, resolve, reject } of waiters) {
    if (isRefusal) reject(outcome)
    else resolve(outcome)
  }
  for (const { ended, slot } of entries) {
    for (const stream of ended) {
      stream.tail.forget()
      if (stream.isWritten) garbage.add(stream.id)
    }
    if (!slot.committed && !slot.entry) slots.drop(slot)
  }
  for (const { slot } of noticed) notify(slot.path)
  slots.shrink()
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
