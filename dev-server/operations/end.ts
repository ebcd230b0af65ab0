import { isExpired } from './expiry.ts'
import { countOf, register, type Registration, type RegistryCounts } from './registry.ts'
import type { Change, Decision, Storage, StreamRecord } from '../storage/storage.ts'

/** Why a stream is to end. */
export type EndReason = 'deletion' | 'expiry'

export type DeleteOutcome =
  | { kind: 'deleted' }
  | { kind: 'not-found' }
  /** Deleted or expired before, and kept only for its forks. */
  | { kind: 'soft-deleted' }
  /** The path belongs to the server. */
  | { kind: 'reserved' }

/** A stream that is there no more for anybody but its forks. */
export interface Ended {
  path: string
  record: StreamRecord
}

export type EndStep =
  | { kind: 'done'; outcome: DeleteOutcome; ended: readonly Ended[] }
  /** More sources must go than the update named. */
  | { kind: 'chain-grew' }

/**
 * Paths of the sources that may change when the stream goes: those that stayed for its sake alone,
 * and the first that stays for another reason.
 */
export async function chainOf(storage: Storage, path: string, now: number): Promise<string[]> {
  const chain: string[] = []
  let record = (await storage.read(path, 0, 0))?.record
  while (record?.fork && !record.forks) {
    const { path: source } = record.fork
    // Only if streams were replaced while this was read; the decision will see how they stand.
    if (source === path || chain.includes(source)) break
    chain.push(source)
    record = (await storage.read(source, 0, 0))?.record
    record = record && withoutFork(record)
    if (!record || !hasEnded(record, now)) break
  }
  return chain
}

/**
 * Decides the end of a stream. Protocol section 7: while it has forks its bytes stay; when it goes,
 * so do those of its sources that stayed for its sake alone, up the chain.
 *
 * @param chain paths of the first of `others`; the last of them is the registry
 */
export function decideEnd(
  path: string,
  stored: StreamRecord | undefined,
  chain: readonly string[],
  others: readonly (StreamRecord | undefined)[],
  reason: EndReason,
  now: number,
): Decision<EndStep> {
  if (!stored) return done({ kind: 'not-found' })
  if (stored.softDeleted) return done({ kind: 'soft-deleted' })
  const expired = isExpired(stored, now)
  if (reason === 'expiry' && !expired) return done({ kind: 'not-found' })

  const registry = others.at(-1)
  const ended: Ended[] = [{ path, record: stored }]
  if (stored.forks) {
    const told = register(registry, deletions(ended), { ...less(stored), streams: 0 }, now)
    return {
      outcome: { kind: 'done', outcome: { kind: expired ? 'soft-deleted' : 'deleted' }, ended },
      change: { kind: 'update', record: { ...stored, softDeleted: true } },
      otherChanges: [...chain.map(() => undefined), told],
    }
  }
  const release = releaseSources(stored, chain, others, now)
  if (!release) return { outcome: { kind: 'chain-grew' } }
  ended.push(...release.ended)
  const counts = sum([less(stored), ...release.counts])
  return {
    outcome: { kind: 'done', outcome: { kind: expired ? 'not-found' : 'deleted' }, ended },
    change: { kind: 'delete' },
    otherChanges: [...release.changes, register(registry, deletions(ended), counts, now)],
  }
}

interface Release {
  changes: (Change | undefined)[]
  ended: Ended[]
  counts: RegistryCounts[]
}

/** What becomes of the sources of a stream that goes; nothing if `chain` does not name them all. */
function releaseSources(
  gone: StreamRecord,
  chain: readonly string[],
  others: readonly (StreamRecord | undefined)[],
  now: number,
): Release | undefined {
  const release: Release = { changes: chain.map(() => undefined), ended: [], counts: [] }
  let child = gone
  for (let i = 0; child.fork; i++) {
    const path = chain[i]
    if (path !== child.fork.path) return undefined
    const source = others[i]
    if (source?.id !== child.fork.id) break
    const record = withoutFork(source)
    if (!hasEnded(record, now)) {
      release.changes[i] = { kind: 'update', record }
      break
    }
    release.changes[i] = { kind: 'delete' }
    if (source.softDeleted) {
      release.counts.push({ streams: -1, expiring: 0 })
    } else {
      release.counts.push(less(source))
      release.ended.push({ path, record: source })
    }
    child = source
  }
  return release
}

/** The source after one of its forks went. */
function withoutFork({ forks = 1, ...record }: StreamRecord): StreamRecord {
  return forks > 1 ? { ...record, forks: forks - 1 } : record
}

/** Whether nothing but forks kept it. */
function hasEnded(record: StreamRecord, now: number): boolean {
  return !record.forks && (record.softDeleted === true || isExpired(record, now))
}

function deletions(ended: readonly Ended[]): [Registration, ...Registration[]] {
  const [first, ...rest] = ended.map(({ path, record }) => ({
    operation: 'delete' as const,
    path,
    record,
  }))
  return [first!, ...rest]
}

function less(record: StreamRecord): RegistryCounts {
  const { streams, expiring } = countOf(record)
  return { streams: -streams, expiring: -expiring }
}

function sum(counts: readonly RegistryCounts[]): RegistryCounts {
  return {
    streams: counts.reduce((total, { streams }) => total + streams, 0),
    expiring: counts.reduce((total, { expiring }) => total + expiring, 0),
  }
}

function done(outcome: DeleteOutcome): Decision<EndStep> {
  return { outcome: { kind: 'done', outcome, ended: [] } }
}
