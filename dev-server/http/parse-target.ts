import { StreamError } from '../../src/core/errors.ts'

/** Of the canonical path, which drivers use as a key. */
const MAX_PATH_LENGTH = 1024
const MAX_QUERY_LENGTH = 4096

/** What a request line asks for. */
export interface Target {
  /** The stream's path below the prefix, each segment in its one canonical encoding. */
  path: string
  /** What follows the question mark. */
  search: string
}

/** Whether a request target is the prefix, or below it. */
export function isBelow(url: string, prefix: string): boolean {
  const [path] = splitUrl(url)
  return path === prefix || path.startsWith(`${prefix}/`)
}

/**
 * Reads a request target.
 *
 * @returns nothing if it is not below `prefix`.
 * @throws {StreamError} `bad-request` for a path that cannot name a stream; with status 414 for a
 *   path or a query that is too long.
 */
export function parseTarget(url: string, prefix: string): Target | undefined {
  const [rawPath, search] = splitUrl(url)
  if (!isBelow(rawPath, prefix)) return undefined
  if (search.length > MAX_QUERY_LENGTH) throw tooLong('query', search, MAX_QUERY_LENGTH)
  const path = canonicalPath(rawPath.slice(prefix.length + 1))
  return { path, search }
}

function splitUrl(url: string): [path: string, search: string] {
  // A proxy's request line may carry the whole URL.
  const local = url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '')
  const mark = local.indexOf('?')
  return mark < 0 ? [local, ''] : [local.slice(0, mark), local.slice(mark + 1)]
}

/** A path of segments that need no encoding and are not relative. */
const PLAIN = /^(?!\.{1,2}(?:\/|$))[\w.~-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)*$/

/** The one spelling of a path below the root. @throws {StreamError} as {@link parseTarget} does. */
export function canonicalPath(raw: string): string {
  // A percent-encoded character is three; longer ones need not be looked at.
  if (raw.length > 3 * MAX_PATH_LENGTH) throw tooLong('path', raw, MAX_PATH_LENGTH)
  const path = PLAIN.test(raw) ? raw : raw.split('/').map(canonicalSegment).join('/')
  if (path.length > MAX_PATH_LENGTH) throw tooLong('path', path, MAX_PATH_LENGTH)
  return path
}

function canonicalSegment(raw: string): string {
  const segment = decode(raw)
  if (segment === '') throw badPath(raw, 'is an empty path segment')
  if (segment === '.' || segment === '..') throw badPath(raw, 'is a relative path segment')
  if (hasControlCharacter(segment)) throw badPath(raw, 'has a control character')
  if (!isWellFormed(segment)) throw badPath(raw, 'has half a character')
  return encodeURIComponent(segment)
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch {
    throw badPath(raw, 'has a broken percent-encoding')
  }
}

/** Text that came as JSON may have half of a surrogate pair, which has no encoding. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}

function badPath(raw: string, problem: string): StreamError {
  return new StreamError('bad-request', `"${raw}" cannot be in the path of a stream: it ${problem}`)
}

function tooLong(part: string, text: string, most: number): StreamError {
  return new StreamError(
    'bad-request',
    `The ${part} "${text.slice(0, 40)}…" is ${text.length} characters long: use at most ${most}`,
    { status: 414 },
  )
}
