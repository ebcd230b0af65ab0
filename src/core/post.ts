import { send } from './send.ts'
import { explainAppend } from './append-error.ts'
import type { Endpoint } from './endpoint.ts'
import { StreamError } from './errors.ts'
import { CLOSED, NEXT_OFFSET, PRODUCER_EPOCH, PRODUCER_ID, PRODUCER_SEQ } from './protocol.ts'
import { FetchError } from './response-error.ts'

/** What the server said of an append. */
export interface Appended {
  /**
   * Where the stream ended after the request that stored it, neighbours included: reading on from
   * there skips it. Empty if the server did not say.
   */
  offset: string
}

/** Who writes, and which of its writes this is. Protocol section 4. */
export interface Producer {
  id: string
  epoch: number
  seq: number
}

export interface Post {
  contentType?: string | undefined
  /** Nothing only to close. */
  body: Uint8Array<ArrayBuffer> | string | undefined
  close?: boolean | undefined
  producer?: Producer | undefined
  headers?: Readonly<Record<string, string>> | undefined
  signal?: AbortSignal | undefined
}

/** One append, tried once. Protocol sections 3 and 4. */
export async function post(
  endpoint: Endpoint,
  { contentType, body, close, producer, headers, signal }: Post,
): Promise<Appended> {
  const response = await send(endpoint, {
    method: 'POST',
    headers: {
      ...headers,
      ...(body !== undefined && { 'content-type': contentType }),
      ...(close && { [CLOSED]: 'true' }),
      ...(producer && {
        [PRODUCER_ID]: producer.id,
        [PRODUCER_EPOCH]: String(producer.epoch),
        [PRODUCER_SEQ]: String(producer.seq),
      }),
    },
    body,
    signal,
    explain: explainAppend,
  })
  return { offset: response.headers.get(NEXT_OFFSET) ?? '' }
}

/**
 * Whether the server surely stored nothing: it refused, or turned the request away before it looked
 * (408, 425, 429, 503 with `Retry-After`). No answer, a header's function that fails, another 5xx or an
 * abort tell nothing.
 */
export function isUnapplied(error: unknown): boolean {
  if (!(error instanceof StreamError) || error instanceof FetchError) return false
  const { retryable, retryAfterMs, status = 0 } = error
  return !retryable || status < 500 || (status === 503 && retryAfterMs !== undefined)
}
