import { framingOf, type Framing } from './content-type.ts'
import { isExpired } from './expiry.ts'
import { readThrough } from './inherited.ts'
import { byteLength, firstBytes, wholeLength } from './page.ts'
import type { Slice, Storage, StreamRecord } from '../storage/storage.ts'

const LF = 0x0a

/** Some bytes of a stream, cut where a reader can use them. */
export interface Page {
  record: StreamRecord
  start: number
  /** Position after the last byte of the page. */
  next: number
  bytes: readonly Uint8Array[]
  /** The page reaches the tail. */
  upToDate: boolean
  /** The page reaches the tail of a closed stream: nothing will ever follow. */
  closed: boolean
}

export type ReadOutcome =
  | { kind: 'page'; page: Page }
  | { kind: 'not-found' }
  /** Deleted or expired, and kept only for its forks. */
  | { kind: 'soft-deleted' }
  /** The position lies within a message. */
  | { kind: 'between-messages'; position: number }
  /** The position lies past everything stored: this server has lost, or never had, that data. */
  | { kind: 'past-tail'; position: number; tail: number }

/** What is found when it cannot be answered yet. */
export type ReadStep =
  | ReadOutcome
  /** The time of the stream is over: it must be removed first. */
  | { kind: 'expired' }

/**
 * Reads about `maxBytes` from position `start` (`now`: from the tail), always at least one whole
 * message, a fork's inheritance included. Protocol sections 5 and 7.
 *
 * @param now milliseconds since 1970
 */
export async function readPage(
  storage: Storage,
  path: string,
  start: number | 'now',
  maxBytes: number,
  now: number,
): Promise<ReadStep> {
  if (start === 'now') {
    const record = (await storage.read(path, 0, 0))?.record
    if (!isAlive(record, now)) return absence(record)
    return { kind: 'page', page: pageAt(record, record.tail, []) }
  }

  // The byte before `start` tells whether a message of a JSON stream ends there.
  const before = start > 0 ? 1 : 0
  for (let room = maxBytes; ; room *= 2) {
    const slice = await readThrough(storage, path, start - before, room + before)
    if (!slice || !isAlive(slice.record, now)) return absence(slice?.record)
    const { record } = slice
    if (start > record.tail) return { kind: 'past-tail', position: start, tail: record.tail }

    const framing = framingOf(record.contentType)
    if (before && framing === 'json' && slice.bytes[0]?.[0] !== LF) {
      return { kind: 'between-messages', position: start }
    }
    const bytes = wholePage(slice, start, before, framing)
    if (bytes) return { kind: 'page', page: pageAt(record, start, bytes) }
  }
}

function isAlive(record: StreamRecord | undefined, now: number): record is StreamRecord {
  return record !== undefined && !record.softDeleted && !isExpired(record, now)
}

function absence(record: StreamRecord | undefined): Exclude<ReadStep, { kind: 'page' }> {
  if (!record) return { kind: 'not-found' }
  return { kind: record.softDeleted ? 'soft-deleted' : 'expired' }
}

/** The bytes of the slice that make a page, or undefined if more are needed for one message. */
function wholePage(
  { record, bytes }: Slice,
  start: number,
  before: number,
  framing: Framing,
): readonly Uint8Array[] | undefined {
  const wanted = before ? skipFirst(bytes) : bytes
  const length = byteLength(wanted)
  if (start + length >= record.tail) return wanted
  const whole = wholeLength(wanted, framing)
  if (whole === 0) return undefined
  return whole === length ? wanted : firstBytes(wanted, whole)
}

function skipFirst(bytes: readonly Uint8Array[]): Uint8Array[] {
  const [first, ...rest] = bytes
  return first && first.length > 1 ? [first.subarray(1), ...rest] : rest
}

function pageAt(record: StreamRecord, start: number, bytes: readonly Uint8Array[]): Page {
  const next = start + byteLength(bytes)
  const upToDate = next === record.tail
  return { record, start, next, bytes, upToDate, closed: upToDate && record.closed }
}
