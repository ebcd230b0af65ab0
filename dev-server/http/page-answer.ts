import { CLOSED, NEXT_OFFSET, UP_TO_DATE } from '../../src/core/protocol.ts'
import { framingOf, mediaType } from '../operations/content-type.ts'
import { MESSAGE_END } from '../operations/json-messages.ts'
import { formatOffset } from '../operations/offset.ts'
import { byteLength, firstBytes } from '../operations/page.ts'
import { announceMultiplex } from './multiplex-reference.ts'
import type { Answer } from './answer.ts'
import type { CacheControl } from './house.ts'
import type { Page } from '../operations/read.ts'

const OPEN = new TextEncoder().encode('[')
const CLOSE = new TextEncoder().encode(']')
const INERT_TYPES: ReadonlySet<string> = new Set([
  'application/json',
  'application/octet-stream',
  'text/plain',
])
/** Types that a browser shows or plays, and never runs; SVG is none of them. */
const PASSIVE_TYPE = /^(image\/(?!svg)|audio\/|video\/|font\/)/

const CACHE_CONTROL: Record<CacheControl, string> = {
  public: 'public, max-age=60, stale-while-revalidate=300',
  private: 'private, max-age=60, stale-while-revalidate=300',
  revalidate: 'private, no-cache',
}

/** A page as the body of an answer, JSON messages as one array. Protocol sections 5 and 6. */
export function pageAnswer(page: Page, path: string, cacheControl: CacheControl): Answer {
  const etag = etagOf(page)
  const headers = { ...pageHeaders(page, path), etag, 'cache-control': CACHE_CONTROL[cacheControl] }
  return { status: 200, headers, body: pageBody(page) }
}

/** {@link pageAnswer} for who may have it already: 304 if `ifNoneMatch` names it. */
export function revalidated(answer: Answer, ifNoneMatch: string | undefined): Answer {
  const etag = answer.headers?.['etag']
  if (etag === undefined || ifNoneMatch === undefined) return answer
  // A list may be long, and hardly ever names it.
  if (!ifNoneMatch.includes(etag) && !ifNoneMatch.includes('*')) return answer
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (!known.some((tag) => tag === etag || tag === '*')) return answer
  return { status: 304, headers: answer.headers! }
}

/** A page at the tail, asked for by `offset=now`: true only for a moment, so never kept. */
export function tailAnswer(page: Page, path: string): Answer {
  return {
    status: 200,
    headers: { ...pageHeaders(page, path), 'cache-control': 'no-store' },
    body: pageBody(page),
  }
}

/** Where the reader of the stream at `path` stands after the page. */
export function positionHeaders(
  { next, upToDate, closed }: Page,
  path: string,
): Record<string, string> {
  return {
    ...announceMultiplex(path),
    [NEXT_OFFSET]: formatOffset(next),
    ...(upToDate && { [UP_TO_DATE]: 'true' }),
    ...(closed && { [CLOSED]: 'true' }),
  }
}

function pageHeaders(page: Page, path: string): Record<string, string> {
  const { contentType } = page.record
  return {
    'content-type': contentType,
    ...positionHeaders(page, path),
    ...containment(contentType),
  }
}

/**
 * What keeps stored content from running as a page of this origin: a browser that goes to it gives
 * it no rights, and saves it instead. Neither depends on the request, so that caches need not know.
 */
function containment(contentType: string): Record<string, string> {
  const type = mediaType(contentType)
  // Of a list a browser takes the last type, whatever the first says.
  const isList = contentType.includes(',')
  if (INERT_TYPES.has(type) && !isList) return {}
  const sandbox = { 'content-security-policy': 'sandbox' }
  if (PASSIVE_TYPE.test(type) && !isList) return sandbox
  return { ...sandbox, 'content-disposition': 'attachment' }
}

function pageBody({ record, bytes }: Page): readonly Uint8Array[] {
  if (framingOf(record.contentType) !== 'json') return bytes
  const withoutLastEnd = firstBytes(bytes, byteLength(bytes) - MESSAGE_END.length)
  return [OPEN, ...withoutLastEnd, CLOSE]
}

function etagOf({ record, start, next, upToDate, closed }: Page): string {
  const state = closed ? ':closed' : upToDate ? ':tail' : ''
  return `"${record.id}:${start}:${next}${state}"`
}
