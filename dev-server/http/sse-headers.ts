import { SSE_CONTENT_TYPE, SSE_ENCODING } from '../../src/core/protocol.ts'
import { framingOf } from '../operations/content-type.ts'
import type { StreamRecord } from '../storage/storage.ts'

type Headers = Readonly<Record<string, string>>

export const SSE_TYPE: Headers = { 'content-type': SSE_CONTENT_TYPE }

/** Of every response that is a series of events. */
export const SSE_HEADERS: Headers = {
  ...SSE_TYPE,
  'cache-control': 'no-cache',
  // Proxies such as nginx must not collect what is meant to arrive at once.
  'x-accel-buffering': 'no',
}

const BASE64: Headers = { [SSE_ENCODING]: 'base64' }
const NONE: Headers = {}

/** How the data of a stream is written in events, where that is not as it is. Protocol section 5. */
export function encodingHeaders({ contentType }: StreamRecord): Headers {
  return framingOf(contentType) === 'binary' ? BASE64 : NONE
}
