import { JSON_CONTENT_TYPE } from '../../src/core/protocol.ts'
import { formatOffset } from './offset.ts'
import type { Change, StreamRecord } from '../storage/storage.ts'

/** The system stream that tells which streams there are: State Protocol events of type `stream`. */
export const REGISTRY_PATH = '__registry__'

const utf8 = new TextEncoder()
const SYSTEM_SEGMENTS: ReadonlySet<string> = new Set([REGISTRY_PATH, '__ds'])

/** Whether a path belongs to the server: nobody else creates, writes, forks or deletes there. */
export function isSystemPath(path: string): boolean {
  return path.startsWith('__') && SYSTEM_SEGMENTS.has(path.split('/', 1)[0]!)
}

/** What the registry's record counts; kept in its `document`. */
export interface RegistryCounts {
  /** Streams that are stored, those that forks keep from going included. */
  streams: number
  /** Streams that will expire. */
  expiring: number
}

/** What does not change how many streams there are. */
export const NO_COUNTS: RegistryCounts = { streams: 0, expiring: 0 }

/** One thing that happened to a stream, for the registry. */
export interface Registration {
  operation: 'insert' | 'update' | 'delete'
  path: string
  /** As it is afterwards; for a deletion, as it was. */
  record: StreamRecord
}

/** @param registry the registry's record; nothing before the first stream was created */
export function countsOf(registry: StreamRecord | undefined): RegistryCounts {
  return (registry?.document as RegistryCounts | undefined) ?? NO_COUNTS
}

/** How one stream more counts; the same for one less, negated. */
export function countOf({ expiry }: StreamRecord): RegistryCounts {
  return { streams: 1, expiring: expiry.kind === 'never' ? 0 : 1 }
}

/**
 * The change of the registry that is committed with what it tells of. The registry comes into being
 * with the first stream.
 *
 * @param added how many streams there are more
 * @param now milliseconds since 1970
 */
export function register(
  registry: StreamRecord | undefined,
  happened: readonly [Registration, ...Registration[]],
  added: RegistryCounts,
  now: number,
): Change {
  const before = registry ?? newRegistry(`registry-${happened[0].record.id}`)
  const append = utf8.encode(happened.map((one) => eventOf(one, now)).join(''))
  const { streams, expiring } = countsOf(before)
  const document: RegistryCounts = {
    streams: streams + added.streams,
    expiring: expiring + added.expiring,
  }
  const record = { ...before, tail: before.tail + append.length, document }
  return { kind: registry ? 'update' : 'create', record, append }
}

/** A registry that tells of no stream yet. */
export function newRegistry(id: string): StreamRecord {
  return {
    id,
    contentType: JSON_CONTENT_TYPE,
    tail: 0,
    closed: false,
    expiry: { kind: 'never' },
    document: NO_COUNTS,
  }
}

function eventOf({ operation, path, record }: Registration, now: number): string {
  const event = {
    type: 'stream',
    key: path,
    ...(operation !== 'delete' && { value: valueOf(path, record, now) }),
    headers: { operation, timestamp: new Date(now).toISOString() },
  }
  return `${JSON.stringify(event)},\n`
}

function valueOf(path: string, record: StreamRecord, now: number): object {
  const { contentType, createdAt = now, closed, expiry, fork } = record
  return {
    path,
    contentType,
    createdAt: new Date(createdAt).toISOString(),
    closed,
    ...(expiry.kind === 'sliding' && { ttlSeconds: expiry.ttlSeconds }),
    ...(expiry.kind === 'absolute' && { expiresAt: expiry.at }),
    ...(fork && { forkedFrom: { path: fork.path, offset: formatOffset(fork.at) } }),
  }
}
