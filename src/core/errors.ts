/** What went wrong, by the name a caller would act on. */
export type StreamErrorCode =
  /** A value given to this package is not usable; nothing was sent. */
  | 'invalid'
  /** The server found the request malformed (400, other 4xx). */
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  /** Deleted, expired, or the offset is no longer (or not yet) known to the server. */
  | 'gone'
  | 'conflict'
  /** The stream is closed: it takes no more data. */
  | 'closed'
  | 'too-large'
  /** What came back is not what the protocol promises. */
  | 'malformed'
  /** No answer: refused, reset, cut off, or the network is down. */
  | 'disconnected'
  /** The server cannot answer now (408, 425, 429, 5xx). */
  | 'unavailable'
  /** The server does not do this (501). */
  | 'unsupported'
  | 'timeout'
  /** A server cannot listen on the address it was given. */
  | 'listen'

export interface StreamErrorOptions {
  /** HTTP status, when a response caused the error. */
  status?: number | undefined
  cause?: unknown
  /** How long the server asks to wait before the next try, in milliseconds (`Retry-After`). */
  retryAfterMs?: number | undefined
  /** Tail of the stream, when the server named it (`Stream-Next-Offset` of a 409). */
  offset?: string | undefined
}

/**
 * The one error this package throws on purpose; branch on `code`. The message names the value that
 * was refused and the way out.
 */
export class StreamError extends Error {
  override readonly name: string = 'StreamError'
  declare readonly code: StreamErrorCode
  declare readonly status: number | undefined
  declare readonly retryAfterMs: number | undefined
  declare readonly offset: string | undefined

  constructor(code: StreamErrorCode, message: string, options: StreamErrorOptions = {}) {
    super(message, options)
    Object.assign(this, options, { code })
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return this.code === 'disconnected' || this.code === 'unavailable'
  }
}

/** What was thrown, if it is ours; else an `invalid` that tells what was being done. */
export function asStreamError(cause: unknown, doing = 'Reading'): StreamError {
  if (cause instanceof StreamError) return cause
  return new StreamError('invalid', `${doing} stopped: ${cause}`, { cause })
}
