import { StreamError } from '../../src/core/errors.ts'

const MAX_LENGTH = 1024
const MAX_STARS = 32

/** A pattern over the paths of streams, ready to match. Protocol section 9. */
export interface Glob {
  /** As it is written, each segment in the encoding that paths have. */
  pattern: string
  matches(path: string): boolean
}

/**
 * Reads a pattern: `*` stands for one path segment, or for any part of one; `**` for any number of
 * segments, none included.
 *
 * @throws {StreamError} `bad-request` for one that is empty, too long, or has too many stars.
 */
export function parseGlob(text: string): Glob {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text
  const bad = (problem: string): StreamError =>
    new StreamError('bad-request', `pattern "${short}" ${problem}`)
  if (text.length > MAX_LENGTH) throw bad(`is longer than ${MAX_LENGTH} characters`)
  if (countStars(text) > MAX_STARS) throw bad(`has more than ${MAX_STARS} stars`)

  const segments = text.replace(/^\//, '').split('/')
  if (segments.includes('')) throw bad('has an empty segment: write one such as "events/*"')
  const pattern = segments.map((segment) => canonicalSegment(segment, bad)).join('/')
  return compileGlob(pattern)
}

/** A pattern that {@link parseGlob} has read before. */
export function compileGlob(pattern: string): Glob {
  const parts = pattern.split('/')
  return { pattern, matches: (path) => matchRuns(parts, path.split('/'), '**', matchSegment) }
}

function matchSegment(part: string, segment: string): boolean {
  return matchRuns(part, segment, '*', Object.is)
}

/**
 * Whether `items` can be cut into what the parts stand for, where each part is one item or, if it is
 * `any`, a run of them. What follows a run is looked for as early as it can be, and only the last run
 * is ever made longer: so there are at most `parts.length * items.length` steps.
 */
function matchRuns(
  parts: ArrayLike<string>,
  items: ArrayLike<string>,
  any: string,
  matchesOne: (part: string, item: string) => boolean,
): boolean {
  let part = 0
  let item = 0
  let wild = -1
  let retried = 0
  while (item < items.length) {
    if (parts[part] === any) {
      wild = part++
      retried = item
    } else if (part < parts.length && matchesOne(parts[part]!, items[item]!)) {
      part++
      item++
    } else if (wild >= 0) {
      part = wild + 1
      item = ++retried
    } else {
      return false
    }
  }
  while (parts[part] === any) part++
  return part === parts.length
}

function canonicalSegment(segment: string, bad: (problem: string) => StreamError): string {
  try {
    return segment
      .split('*')
      .map((text) => encodeURIComponent(decodeURIComponent(text)))
      .join('*')
  } catch {
    throw bad('has a broken percent-encoding')
  }
}

function countStars(text: string): number {
  let stars = 0
  for (const character of text) if (character === '*') stars++
  return stars
}
