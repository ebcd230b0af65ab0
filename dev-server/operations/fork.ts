import { framingOf, mediaType } from './content-type.ts'
import { isExpired } from './expiry.ts'
import { readThrough } from './inherited.ts'
import type { Fork, Slice, Storage, StreamRecord } from '../storage/storage.ts'

const LF = 0x0a
const SCAN_BYTES = 256 * 1024
/** A message of a JSON stream has a byte at least, and two that end it. */
const SHORTEST_MESSAGE = 3

/** How many forks of forks there may be above a stream: each is a step of a read from below. */
export const MAX_FORK_DEPTH = 256

/** What a fork is to be made of. */
export interface ForkOrigin {
  /** Of the source, in its canonical encoding. */
  path: string
  /** Position to fork at; by default the source's tail. */
  offset?: number
  /** How many messages of a JSON stream, or bytes of any other, to go past `offset`. */
  subOffset?: number
}

/** Where a source is forked: what had to be read to know it, which no append can change. */
export interface ForkPoint {
  /** Of the source that was read. */
  sourceId: string
  contentType: string
  /** The source's tail at the moment of the fork, or a position, or why there is none. */
  at: 'tail' | number | ForkProblem
}

export type ForkProblem =
  | { kind: 'past-tail'; position: number; tail: number }
  /** The position lies within a message. */
  | { kind: 'between-messages'; position: number }
  /** There is less to go past. */
  | { kind: 'past-end'; subOffset: number }

/** Why a source cannot be forked. */
export type ForkRefusal =
  | ForkProblem
  | { kind: 'no-source'; path: string }
  /** Deleted or expired, and kept only for the forks it has. */
  | { kind: 'source-deleted'; path: string }
  | { kind: 'source-type'; contentType: string; sent: string }
  | { kind: 'too-deep'; path: string }

export type ForkVerdict =
  | { kind: 'fork'; fork: Fork }
  | ForkRefusal
  /** The source's time is over; it must be removed first. */
  | { kind: 'source-expired' }
  /** The source is not the one that `point` was read from. */
  | { kind: 'source-changed' }

/**
 * Finds where to fork. Protocol section 7.
 *
 * @returns nothing if there is no source.
 */
export async function findForkPoint(
  storage: Storage,
  { path, offset, subOffset = 0 }: ForkOrigin,
  pause: () => Promise<void>,
): Promise<ForkPoint | undefined> {
  const source = (await storage.read(path, 0, 0))?.record
  if (!source) return undefined
  const point = (at: ForkPoint['at']): ForkPoint => ({
    sourceId: source.id,
    contentType: source.contentType,
    at,
  })
  if (offset === undefined) return point('tail')
  const { tail } = source
  if (offset > tail) return point({ kind: 'past-tail', position: offset, tail })

  const isJson = framingOf(source.contentType) === 'json'
  if (isJson && !(await isMessageEnd(storage, path, offset))) {
    return point({ kind: 'between-messages', position: offset })
  }
  if (subOffset > (tail - offset) / (isJson ? SHORTEST_MESSAGE : 1)) {
    return point({ kind: 'past-end', subOffset })
  }
  if (!isJson) return point(offset + subOffset)
  const at = await skipMessages(storage, path, offset, subOffset, pause)
  return point(at ?? { kind: 'past-end', subOffset })
}

/** Decides whether `source`, as it stands, can be forked at `point`. */
export function judgeFork(
  source: StreamRecord | undefined,
  { path, offset, subOffset }: ForkOrigin,
  point: ForkPoint | undefined,
  contentType: string | undefined,
  now: number,
): ForkVerdict {
  if (!source) return { kind: 'no-source', path }
  if (source.softDeleted) return { kind: 'source-deleted', path }
  if (isExpired(source, now)) return { kind: 'source-expired' }
  if (source.id !== point?.sourceId) return { kind: 'source-changed' }
  if (contentType !== undefined && mediaType(contentType) !== mediaType(source.contentType)) {
    return { kind: 'source-type', contentType: source.contentType, sent: contentType }
  }
  if (typeof point.at === 'object') return point.at
  const depth = (source.fork?.depth ?? 0) + 1
  if (depth > MAX_FORK_DEPTH) return { kind: 'too-deep', path }
  const fork: Fork = {
    path,
    id: source.id,
    at: point.at === 'tail' ? source.tail : point.at,
    depth,
    ...(offset !== undefined && { offset }),
    ...(subOffset !== undefined && { subOffset }),
  }
  return { kind: 'fork', fork }
}

/** Whether a stream is the fork that `wanted` asks for; neither may be one. */
export function isSameFork(found: Fork | undefined, wanted: ForkOrigin | undefined): boolean {
  if (!found || !wanted) return !found && !wanted
  if (found.path !== wanted.path) return false
  const { offset, subOffset = 0 } = wanted
  if (subOffset !== (found.subOffset ?? 0)) return false
  return offset === found.offset || (found.offset === undefined && offset === found.at)
}

async function isMessageEnd(storage: Storage, path: string, position: number): Promise<boolean> {
  if (position === 0) return true
  const before = await readThrough(storage, path, position - 1, 1)
  return before?.bytes[0]?.[0] === LF
}

/** The position after `count` messages from `start` on, if there are so many. */
async function skipMessages(
  storage: Storage,
  path: string,
  start: number,
  count: number,
  pause: () => Promise<void>,
): Promise<number | undefined> {
  let position = start
  let left = count
  while (left > 0) {
    const slice: Slice | undefined = await readThrough(storage, path, position, SCAN_BYTES)
    if (!slice || slice.bytes.length === 0) return undefined
    for (const part of slice.bytes) {
      let end = 0
      while (left > 0 && end < part.length) {
        const last = part.indexOf(LF, end)
        if (last >= 0) left -= 1
        end = last < 0 ? part.length : last + 1
      }
      position += end
    }
    if (left > 0) await pause()
  }
  return position
}
