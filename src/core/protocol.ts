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
  return /^application\/json *(;|$)/i.test(contentType!)
}

/** Headers that readers meet: section 5. Each stands alone, so that a bundle has only those it uses. */
export const NEXT_OFFSET = 'stream-next-offset'
export const UP_TO_DATE = 'stream-up-to-date'
export const CLOSED = 'stream-closed'
export const CURSOR = 'stream-cursor'
export const SSE_ENCODING = 'stream-sse-data-encoding'

/** Says where many streams are read live in one answer. docs/protocol-extensions.md. */
export const MULTIPLEX = 'stream-multiplex'

/** Where that is, below the root of the streams. */
export const MULTIPLEX_PATH = '__ds/live'

/** Headers of writing: sections 2 to 4. */
export const TTL = 'stream-ttl'
export const EXPIRES_AT = 'stream-expires-at'
export const SEQ = 'stream-seq'
export const EXPECTED_OFFSET = 'stream-expected-offset'
export const PRODUCER_ID = 'producer-id'
export const PRODUCER_EPOCH = 'producer-epoch'
export const PRODUCER_SEQ = 'producer-seq'
export const PRODUCER_EXPECTED_SEQ = 'producer-expected-seq'
export const PRODUCER_RECEIVED_SEQ = 'producer-received-seq'

/** Query parameters of section 5. */
export const QUERY = { offset: 'offset', live: 'live', cursor: 'cursor' } as const
