import { send } from './send.ts'
import { explainAppend } from './append-error.ts'
import type { Endpoint } from './endpoint.ts'
import { StreamError } from './errors.ts'
import { CLOSED, NEXT_OFFSET, PRODUCER_EPOCH, PRODUCER_ID, PRODUCER_SEQ } from './protocol.ts'

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

/** Where appends go. */
export interface Target {
  readonly endpoint: Endpoint
  readonly contentType: string | undefined
}

export interface Post extends Omit<Producer, 'id'> {
  /** Nothing only to close. */
  body: Uint8Array<ArrayBuffer> | string | undefined
  close?: boolean | undefined
  headers?: Readonly<Record<string, string>> | undefined
  /** Whether a try of it left open if it is stored. */
  mayBeStored?: boolean
}

/**
 * One append, tried once. Protocol sections 3 and 4.
 *
 * @param producer who writes. Without it the server cannot tell a repeated write from a new one.
 */
export async function post(
  { endpoint, contentType }: Target,
  write: Post,
  producer: string | undefined,
  signal?: AbortSignal,
): Promise<Appended> {
  const { body, close, headers, epoch, seq } = write
  try {
    const response = await send(endpoint, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': body !== undefined && contentType,
        [CLOSED]: close,
        [PRODUCER_ID]: producer,
        [PRODUCER_EPOCH]: producer !== undefined && epoch,
        [PRODUCER_SEQ]: producer !== undefined && seq,
      },
      body,
      signal,
      explain: explainAppend,
    })
    return { offset: response.headers.get(NEXT_OFFSET) ?? '' }
  } catch (error) {
    write.mayBeStored ||= !isUnapplied(error)
    throw error
  }
}

/**
 * Whether the server surely stored nothing: it refused, or turned the request away before it looked
 * (408, 425, 429, 503 with `Retry-After`). No answer, a header's function that fails, another 5xx or an
 * abort tell nothing.
 */
function isUnapplied(error: unknown): boolean {
  if (!(error instanceof StreamError)) return false
  const { retryable, retryAfterMs, status = 500 } = error
  return !retryable || status < 500 || (status === 503 && retryAfterMs !== undefined)
}
