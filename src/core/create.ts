import type { EndpointRequest } from './endpoint.ts'
import { isData, serialize } from './encode.ts'
import { CLOSED, EXPIRES_AT, TTL } from './protocol.ts'

/** Protocol sections 2 and 7. */
export interface CreateOptions {
  /** Default: the stream's, if it is known; else `application/octet-stream`, or a fork's source's. */
  contentType?: string | undefined
  /** Seconds after the last read or write at which the stream goes. Not with `expiresAt`. */
  ttlSeconds?: number | undefined
  expiresAt?: Date | undefined
  /**
   * First content: text or bytes as they are, anything else as JSON. On a JSON stream each element of
   * an array is a message.
   */
  body?: unknown
  /** Closed from the start: `body` is all there will be. Default `false`. */
  closed?: boolean | undefined
  /** Makes a fork of the stream at this address, on the same server. */
  forkedFrom?: string | URL | undefined
  /** An offset of the source, up to which the fork shares its content. Default: the source's end. */
  forkOffset?: string | undefined
  /** So many messages (JSON) or bytes more, past `forkOffset`. */
  forkSubOffset?: number | undefined
}

/** Takes the options of a creation out of others. */
export const NO_CREATION: { [name in keyof CreateOptions]-?: undefined } = {
  contentType: undefined,
  ttlSeconds: undefined,
  expiresAt: undefined,
  body: undefined,
  closed: undefined,
  forkedFrom: undefined,
  forkOffset: undefined,
  forkSubOffset: undefined,
}

/** What a PUT to `url` says and carries to make a stream. */
export function createRequest(
  { contentType, body, ...options }: CreateOptions,
  url: string,
): {
  headers: EndpointRequest['headers']
  body: EndpointRequest['body']
} {
  const { forkedFrom } = options
  return {
    headers: {
      'content-type': contentType,
      [TTL]: options.ttlSeconds,
      [EXPIRES_AT]: options.expiresAt?.toISOString(),
      [CLOSED]: options.closed,
      // On the wire it is a path: the server knows itself by many names.
      'stream-forked-from': forkedFrom && new URL(forkedFrom, url).pathname,
      'stream-fork-offset': options.forkOffset,
      'stream-fork-sub-offset': options.forkSubOffset,
    },
    body: body === undefined || isData(body) ? body : serialize(body),
  }
}
