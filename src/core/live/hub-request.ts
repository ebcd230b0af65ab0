import type { Line } from '../line.ts'
import { JSON_CONTENT_TYPE, SSE_CONTENT_TYPE } from '../protocol.ts'
import type { HubReader } from './hub-reader.ts'
import { createEventCutter, type MultiplexedEvent } from './multiplexed-events.ts'

/** Statuses of a server that has hubs, and refuses, or cannot answer now. */
const REFUSES_NOW = /^(408|425|429|5(?!01)..)$/

/** What a hub asks, with which credentials. */
export interface HubTarget {
  url: string
  headers: Headers
  send: typeof fetch
}

/** What comes after the end of a request. */
export interface HubEnd {
  kind:
    | 'over'
    /** Nobody reads any more. */
    | 'left'
    /** The connection ended, or never came to be. */
    | 'broken'
    /** Not with these credentials. */
    | 'unauthorized'
    /** There is no hub at that address. */
    | 'missing'
    /** It takes fewer streams. */
    | 'too-many'
  /** Sends each of its readers where it has to go. */
  dismiss: (reader: HubReader) => void
}

/**
 * Asks for many streams at once, and passes on what comes of each, until the answer ends.
 *
 * @param onOpen is called when the answer begins.
 * @param onEvent gets nothing for a comment.
 */
export async function readHub(
  { url, headers, send }: HubTarget,
  streams: readonly { path: string; offset: string }[],
  line: Line,
  onOpen: () => void,
  onEvent: (event?: MultiplexedEvent) => void,
): Promise<HubEnd> {
  let isUnderstood = true
  try {
    const response = await send(url, {
      method: 'POST',
      headers: new Headers([...headers, ['content-type', JSON_CONTENT_TYPE]]),
      body: JSON.stringify({ streams }),
      signal: line.signal,
    })
    const { status, ok } = response
    if (REFUSES_NOW.test(`${status}`)) {
      const text = await response.text()
      return over('over', (reader) => reader.answer(new Response(text, response)))
    }
    // A proxy may let people read and no more; what each stream says counts.
    if (status === 401) return again('unauthorized')
    if (status === 413) return again('too-many')
    isUnderstood = ok && !!response.headers.get('content-type')?.startsWith(SSE_CONTENT_TYPE)
    if (!isUnderstood) return again('missing')
    onOpen()
    const cut = createEventCutter((event) => {
      isUnderstood = false
      onEvent(event)
      isUnderstood = true
    })
    for await (const chunk of line.read(response)) cut(chunk)
    const error = new TypeError(`${url} ended before it answered`)
    return over('broken', (reader) => reader.fail(error))
  } catch (error) {
    if (!isUnderstood) return again('missing')
    return { kind: 'broken', dismiss: (reader) => reader.fail(error) }
  }
}

/** Who reads asks again; who waits for an answer is told. */
function over(kind: HubEnd['kind'], tell: HubEnd['dismiss']): HubEnd {
  return { kind, dismiss: (reader) => (reader.body ? reader.end() : tell(reader)) }
}

/** Everybody asks again. */
export function again(kind: HubEnd['kind']): HubEnd {
  return over(kind, (reader) => reader.answer())
}
