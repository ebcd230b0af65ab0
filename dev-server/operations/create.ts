import { mediaType } from './content-type.ts'
import { inheritedExpiry, isExpired, touched } from './expiry.ts'
import { isSameFork, judgeFork, type ForkOrigin, type ForkPoint, type ForkRefusal } from './fork.ts'
import { countOf, countsOf, register } from './registry.ts'
import type { Change, Decision, Expiry, Fork, StreamRecord } from '../storage/storage.ts'

/** Protocol section 2. */
export const DEFAULT_CONTENT_TYPE = 'application/octet-stream'

export interface Create {
  /** Identity of the stream, should this command make it. */
  id: string
  /** By default the source's, for a fork; else `application/octet-stream`. */
  contentType?: string
  /** A sliding expiry starts at `now`. By default as the source's, for a fork; else never. */
  expiry?: Expiry
  closed: boolean
  /**
   * First content, as it is stored; may be empty. Where the content type is the source's, a function
   * that is told the type.
   */
  data: Uint8Array | ((contentType: string) => Uint8Array | Promise<Uint8Array>)
  /** Makes a fork. */
  fork?: ForkOrigin
}

export type CreateOutcome =
  | { kind: 'created'; record: StreamRecord }
  | { kind: 'exists'; record: StreamRecord }
  /** Another configuration; `difference` says which part. */
  | { kind: 'conflict'; record: StreamRecord; difference: string }
  /** The path is that of a deleted stream whose bytes its forks still read. */
  | { kind: 'soft-deleted' }
  /** There are as many streams as there may be. */
  | { kind: 'full'; maxStreams: number }
  /** The path belongs to the server. */
  | { kind: 'reserved' }
  | { kind: 'refused'; reason: ForkRefusal }

/** What the rule says when it cannot be followed yet. */
export type CreateStep =
  | CreateOutcome
  /** The time of the stream at this path is over: it must be removed first. */
  | { kind: 'expired'; path: string }
  /** The fork's source is another one than was read. */
  | { kind: 'source-changed' }

/** {@link Create} once all that had to be read is known. */
export interface ReadyCreate extends Omit<Create, 'data'> {
  data: Uint8Array
  /** Of a fork; nothing if it has no source. */
  point?: ForkPoint
}

/** What a creation depends on besides the path itself. */
export interface Surroundings {
  /** Of a fork. */
  source?: StreamRecord | undefined
  registry: StreamRecord | undefined
  maxStreams: number
}

/**
 * Decides a creation: made once, confirmed when asked for again. Protocol sections 2 and 7. The other
 * changes are the source's, for a fork, and the registry's, which counts and tells what was made.
 */
export function decideCreate(
  path: string,
  stored: StreamRecord | undefined,
  command: ReadyCreate,
  { source, registry, maxStreams }: Surroundings,
  now: number,
): Decision<CreateStep> {
  if (stored) return confirm(path, stored, configuration(command, source, now), command, now)

  const verdict =
    command.fork && judgeFork(source, command.fork, command.point, command.contentType, now)
  if (verdict && verdict.kind !== 'fork') {
    if (verdict.kind === 'source-changed') return { outcome: verdict }
    if (verdict.kind !== 'source-expired') return { outcome: { kind: 'refused', reason: verdict } }
    return { outcome: { kind: 'expired', path: command.fork!.path } }
  }
  if (countsOf(registry).streams >= maxStreams) return { outcome: { kind: 'full', maxStreams } }

  const record = newRecord(command, source, verdict?.fork, now)
  const told = register(registry, [{ operation: 'insert', path, record }], countOf(record), now)
  const first = command.data.length > 0 ? { append: command.data } : {}
  return {
    outcome: { kind: 'created', record },
    change: { kind: 'create', record, ...first },
    otherChanges: verdict && source ? [referenceTo(source), told] : [told],
  }
}

function confirm(
  path: string,
  found: StreamRecord,
  wanted: Configuration,
  { fork }: ReadyCreate,
  now: number,
): Decision<CreateStep> {
  if (found.softDeleted) return { outcome: { kind: 'soft-deleted' } }
  if (isExpired(found, now)) return { outcome: { kind: 'expired', path } }
  const difference = firstDifference(found, wanted, fork)
  if (difference) return { outcome: { kind: 'conflict', record: found, difference } }
  return touched(found, now, (record) => ({ kind: 'exists', record }))
}

type Configuration = Pick<StreamRecord, 'contentType' | 'expiry' | 'closed'>

function configuration(
  { contentType, expiry, closed }: ReadyCreate,
  source: StreamRecord | undefined,
  now: number,
): Configuration {
  const inherited = source && inheritedExpiry(source.expiry, now)
  return {
    contentType: contentType ?? source?.contentType ?? DEFAULT_CONTENT_TYPE,
    expiry: expiry ?? inherited ?? { kind: 'never' },
    closed,
  }
}

function newRecord(
  command: ReadyCreate,
  source: StreamRecord | undefined,
  fork: Fork | undefined,
  now: number,
): StreamRecord {
  return {
    id: command.id,
    ...configuration(command, source, now),
    // What is inherited is read as the source's creator called it.
    ...(source && { contentType: source.contentType }),
    tail: (fork?.at ?? 0) + command.data.length,
    createdAt: now,
    ...(fork && { fork }),
  }
}

/** A stream knows how many forks it must stay for. */
function referenceTo(source: StreamRecord): Change {
  return { kind: 'update', record: { ...source, forks: (source.forks ?? 0) + 1 } }
}

function firstDifference(
  found: StreamRecord,
  wanted: Configuration,
  fork: ForkOrigin | undefined,
): string | undefined {
  if (!isSameFork(found.fork, fork)) {
    const { path, at } = found.fork ?? {}
    return found.fork ? `it is a fork of "${path}" at ${at}` : 'it is not that fork'
  }
  if (mediaType(found.contentType) !== mediaType(wanted.contentType)) {
    return `its content type is ${found.contentType}, not ${wanted.contentType}`
  }
  if (!sameExpiry(found.expiry, wanted.expiry)) {
    return `it ${describeExpiry(found.expiry)}, not ${describeExpiry(wanted.expiry)}`
  }
  if (found.closed !== wanted.closed) return `it is ${found.closed ? 'closed' : 'open'}`
  return undefined
}

function sameExpiry(a: Expiry, b: Expiry): boolean {
  if (a.kind === 'sliding') return b.kind === 'sliding' && a.ttlSeconds === b.ttlSeconds
  if (a.kind === 'absolute') return b.kind === 'absolute' && Date.parse(a.at) === Date.parse(b.at)
  return b.kind === 'never'
}

function describeExpiry(expiry: Expiry): string {
  if (expiry.kind === 'sliding') return `expires ${expiry.ttlSeconds} s after its last use`
  return expiry.kind === 'absolute' ? `expires at ${expiry.at}` : 'never expires'
}
