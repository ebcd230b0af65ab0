import { readId, pathKey, producerKey, recordKey } from './keys.ts'
import { TailBytes, type Meter } from './tail-bytes.ts'
import { readStored } from './stored-bytes.ts'
import { textKey } from './text-key.ts'
import type { ProducerState, Slice, StreamRecord } from '../storage.ts'
import type { Environment } from './environment.ts'

/** One life of a path, from its creation to its deletion. */
export interface Stream {
  /** Key of all that is stored of it. Never used again. */
  readonly id: number
  /** Position of its first own byte. */
  readonly base: number
  /** As decided: what the next decision sees. */
  record: StreamRecord
  /** As committed: what readers see. */
  committed: { record: StreamRecord; end: number } | undefined
  readonly tail: TailBytes
  /** Position up to which LMDB was given its bytes. */
  written: number
  /** Whether LMDB was given its path. */
  isWritten: boolean
  /** Where the values of the unfinished chunk start; unknown until they matter. */
  pieces: number[] | undefined
  /** Producers seen lately, and the number of the last batch that changed each. */
  producers: Map<string, KnownProducer> | undefined
}

interface KnownProducer {
  state: ProducerState | undefined
  batch: number
}

/** More producers than that are not kept in memory, unless their commit is still to come. */
const KEPT_PRODUCERS = 1000

/** What is needed to find streams in the store. */
export interface Store {
  environment: Environment
  chunkBytes: number
  meter: Meter
}

export function newStream(store: Store, id: number, record: StreamRecord): Stream {
  const base = record.fork?.at ?? 0
  return {
    id,
    base,
    record,
    committed: undefined,
    tail: new TailBytes(base, base, store.chunkBytes, store.meter),
    written: base,
    isWritten: false,
    pieces: [],
    producers: undefined,
  }
}

/** The stream at a path as the last commit left it. */
export function loadStream(store: Store, path: string): Stream | undefined {
  const { data } = store.environment
  const found = data.getBinaryFast(pathKey(textKey(path)))
  if (!found) return undefined
  const id = readId(found)
  const stored = loadRecord(store, id)
  if (!stored) throw new Error(`The store holds no record of "${path}" (stream ${id})`)
  const { end, base, record } = stored
  return {
    id,
    base,
    record,
    committed: { record, end },
    tail: new TailBytes(base, end, store.chunkBytes, store.meter),
    written: end,
    isWritten: true,
    pieces: undefined,
    producers: undefined,
  }
}

export function loadRecord(
  { environment }: Store,
  id: number,
): { end: number; base: number; record: StreamRecord } | undefined {
  const bytes = environment.data.getBinaryFast(recordKey(id))
  if (!bytes) return undefined
  const text = Buffer.prototype.toString.call(bytes, 'utf8', 0, bytes.length)
  const [end, base, record] = JSON.parse(text) as [number, number, StreamRecord]
  return { end, base, record }
}

/** The inverse of {@link loadRecord}. */
export function recordBytes({ base }: Stream, end: number, record: StreamRecord): Buffer {
  return Buffer.from(JSON.stringify([end, base, record]))
}

/** Bytes from `from` to `to`, out of memory as far as it has them. */
export function readStream(store: Store, stream: Stream, from: number, to: number): Uint8Array[] {
  const inMemory = Math.max(from, stream.tail.start)
  if (inMemory === from) return stream.tail.read(from, to)
  const layout = { base: stream.base, chunkBytes: store.chunkBytes }
  const stored = readStored(store.environment, stream.id, layout, from, Math.min(to, inMemory))
  return to > inMemory ? [...stored, ...stream.tail.read(inMemory, to)] : stored
}

/** What readers see: `read` of Storage. */
export function readCommitted(
  store: Store,
  stream: Stream,
  start: number,
  maxBytes: number,
): Slice | undefined {
  if (!stream.committed) return undefined
  const { record, end } = stream.committed
  const to = Math.min(end, start + maxBytes)
  const isOwn = start >= stream.base && start < to
  return { record, bytes: isOwn ? readStream(store, stream, start, to) : [] }
}

export function producerOf(store: Store, stream: Stream, id: string): ProducerState | undefined {
  const known = stream.producers?.get(id)
  if (known) return known.state
  const state = stream.isWritten ? loadProducer(store, stream.id, id) : undefined
  setProducer(stream, id, state, 0)
  return state
}

export function setProducer(
  stream: Stream,
  id: string,
  state: ProducerState | undefined,
  batch: number,
): void {
  stream.producers ??= new Map()
  stream.producers.set(id, { state, batch })
}

/** Forgets producers whose state is stored, once there are many. */
export function trimProducers({ producers }: Stream, committedBatch: number): void {
  if (!producers || producers.size <= KEPT_PRODUCERS) return
  for (const [id, { batch }] of producers) if (batch <= committedBatch) producers.delete(id)
}

function loadProducer(
  { environment }: Store,
  stream: number,
  id: string,
): ProducerState | undefined {
  const bytes = environment.data.getBinaryFast(producerKey(stream, id))
  if (!bytes) return undefined
  const text = Buffer.prototype.toString.call(bytes, 'utf8', 0, bytes.length)
  return JSON.parse(text) as ProducerState
}
