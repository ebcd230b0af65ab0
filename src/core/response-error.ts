import { StreamError, type StreamErrorCode, type StreamErrorOptions } from './errors.ts'
import { NEXT_OFFSET } from './protocol.ts'

/** The server refused: it answered, and not with a success. */
export class DurableStreamError extends StreamError {
  override readonly name: string = 'DurableStreamError'
}

/** There was no answer: refused, reset, cut off in the middle, or the network is down. */
export class FetchError extends StreamError {
  override readonly name: string = 'FetchError'
}

const CODE_OF_STATUS: Readonly<Record<number, StreamErrorCode>> = {
  // Of a cache that was not asked whether anything is new: it may do better.
  304: 'unavailable',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  408: 'unavailable',
  409: 'conflict',
  410: 'gone',
  413: 'too-large',
  425: 'unavailable',
  429: 'unavailable',
  501: 'unsupported',
}

/** Translates an answer that is no success into an error, with what the server said of it. */
export async function errorFromResponse(
  request: string,
  response: Response,
  explain?: Explain,
): Promise<StreamError> {
  const { status, headers } = response
  const options = {
    status,
    offset: headers.get(NEXT_OFFSET) ?? undefined,
    retryAfterMs: parseRetryAfter(headers.get('retry-after'), Date.now()),
  }
  const message = `${request} answered ${status}${await said(response)}`
  const code = CODE_OF_STATUS[status] ?? (status < 500 ? 'bad-request' : 'unavailable')
  const wayOut = code === 'not-found' ? ': create it, or check the URL' : ''
  return (
    explain?.(response, code, message, options) ??
    new DurableStreamError(code, message + wayOut, options)
  )
}

/** Knows better what an answer means, for the kind of request that was made. */
export type Explain = (
  response: Response,
  code: StreamErrorCode,
  message: string,
  options: StreamErrorOptions,
) => StreamError | undefined

/** A failure of `fetch` itself, or of reading the body it gave. */
export function disconnected(request: string, cause: unknown): FetchError {
  return new FetchError('disconnected', `${request} got no whole answer: ${cause}`, { cause })
}

/** `Retry-After` in milliseconds from `nowMs`, given in seconds or as a date. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  const waitMs = /^\d+$/.test(header!) ? Number(header) * 1000 : Date.parse(header!) - nowMs
  return waitMs >= 0 ? waitMs : undefined
}

/** The first line of what the server says; markup, as proxies send it, says nothing in a line. */
async function said(response: Response): Promise<string> {
  let text = await response.text().catch(() => '')
  try {
    // Our server says what is wrong in JSON; others in plain text.
    text = (JSON.parse(text) as { error: { message?: string } }).error.message ?? text
  } catch {
    // Plain text it is.
  }
  const line = /^\s*([^<\s].{0,199})/.exec(text)
  return line ? ` (${line[1]})` : ''
}
