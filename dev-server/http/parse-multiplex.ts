import { StreamError } from '../../src/core/errors.ts'
import { mediaType } from '../operations/content-type.ts'
import { JSON_CONTENT_TYPE } from '../../src/core/protocol.ts'
import { parseJsonBody } from './parse-json-body.ts'
import { canonicalPath } from './parse-target.ts'
import type { RequestHeaders } from './parse-headers.ts'

/** One stream that a multiplexed read asks for. */
export interface Wanted {
  /** Canonical. */
  path: string
  /** As it was sent; nothing if it is no text. No longer than what may be an offset, and a bit. */
  offset: string | undefined
}

/** What a path of 1,024 characters and its offset take as JSON, escapes and spaces included. */
const BYTES_PER_STREAM = 1_400
const MAX_OFFSET_LENGTH = 256

/** How long the body of a multiplexed read may be, in bytes. */
export function maxMultiplexBytes(maxStreams: number, maxBodyBytes: number): number {
  return Math.min(maxBodyBytes, 1_024 + maxStreams * BYTES_PER_STREAM)
}

/** @throws {StreamError} `bad-request`, with status 415, for a body that says it is no JSON. */
export function checkMultiplexType(headers: RequestHeaders): void {
  const contentType = headers['content-type'] ?? ''
  if (mediaType(contentType) === JSON_CONTENT_TYPE) return
  const message = `Content-Type is "${contentType}": send ${JSON_CONTENT_TYPE}`
  throw new StreamError('bad-request', message, { status: 415 })
}

/**
 * Reads what a multiplexed read asks for: `{"streams":[{"path":"rooms/1","offset":"now"}]}`. Members
 * that are not known mean nothing. An offset that is none is for the stream's own answer to tell.
 *
 * @throws {StreamError} `bad-request` for a body that names no streams, or one of them twice, or a
 *   path that cannot be one; `too-large` for more than `maxStreams`.
 */
export function parseMultiplex(body: Uint8Array, maxStreams: number): Wanted[] {
  const list = (parseJsonBody(body) as { streams?: unknown } | null)?.streams
  if (!Array.isArray(list) || list.length === 0) {
    throw bad('The body must be {"streams":[{"path":"rooms/1","offset":"now"}]}, with any streams')
  }
  if (list.length > maxStreams) {
    const message = `${list.length} streams are asked for: ask for at most ${maxStreams} at once`
    throw new StreamError('too-large', message)
  }
  const seen = new Set<string>()
  return list.map((entry: unknown, i) => {
    const wanted = parseWanted(entry, i)
    if (seen.has(wanted.path)) throw bad(`"${wanted.path}" is asked for twice: name it once`)
    seen.add(wanted.path)
    return wanted
  })
}

function parseWanted(entry: unknown, i: number): Wanted {
  const { path, offset } = (entry ?? {}) as Record<string, unknown>
  if (typeof path !== 'string' || path === '') {
    throw bad(`streams[${i}].path must be a stream's path below the root, such as "rooms/1"`)
  }
  if (/[?#]/.test(path)) {
    throw bad(`streams[${i}].path has a "?" or "#": write them as %3F and %23`)
  }
  return {
    path: canonicalPath(path),
    offset: typeof offset === 'string' ? offset.slice(0, MAX_OFFSET_LENGTH) : undefined,
  }
}

function bad(message: string): StreamError {
  return new StreamError('bad-request', message)
}
