/**
 * Names and sentinels of the Durable Streams protocol: all that client and server share.
 * Header names are lower case, as Node and `Headers` give them.
 */

/** Path under which streams live, unless configured otherwise. Protocol section 1. */
export const DEFAULT_PATH_PREFIX = '/v1/stream'

/** Port of a standalone server. Protocol section 1. */
export const DEFAULT_PORT = 4437

/** Asks for everything from the beginning. Protocol section 1, offsets. */
export const BEGINNING = '-1'

/** Asks for what comes after the current tail. Protocol section 1, offsets. */
export const NOW = 'now'

/** Whether an offset is none that a server gave. */
export function isSentinel(offset: string): boolean {
  return offset === BEGINNING || offset === NOW
}

export const JSON_CONTENT_TYPE = 'application/json'
export const SSE_CONTENT_TYPE = 'text/event-stream'

/** Whether a content type, parameters aside, is JSON. Protocol section 6. */
export function isJson(contentType: string | null): boolean {
  return /^application\/json *(;|$)/i.test(contentType ?? '')
}

/** Headers that readers meet: section 5. */
export const NEXT_OFFSET = 'stream-next-offset'
export const UP_TO_DATE = 'stream-up-to-date'
export const CLOSED = 'stream-closed'
export const CURSOR = 'stream-cursor'
export const SSE_ENCODING = 'stream-sse-data-encoding'

/** The same, together. */
export const HEADER: Readonly<
  Record<'nextOffset' | 'upToDate' | 'closed' | 'cursor' | 'sseEncoding', string>
> = {
  nextOffset: NEXT_OFFSET,
  upToDate: UP_TO_DATE,
  closed: CLOSED,
  cursor: CURSOR,
  sseEncoding: SSE_ENCODING,
}

/** Headers of writing: sections 2 to 4. They stand apart so that what only reads is smaller. */
export const WRITE_HEADER = {
  ttl: 'stream-ttl',
  expiresAt: 'stream-expires-at',
  seq: 'stream-seq',
  expectedOffset: 'stream-expected-offset',
  producerId: 'producer-id',
  producerEpoch: 'producer-epoch',
  producerSeq: 'producer-seq',
  producerExpectedSeq: 'producer-expected-seq',
  producerReceivedSeq: 'producer-received-seq',
} as const

/** Query parameters of section 5. */
export const QUERY = { offset: 'offset', live: 'live', cursor: 'cursor' } as const
