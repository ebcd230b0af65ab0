import type { ServerResponse } from 'node:http'

/** A whole answer, as a value. Header names are lower case. */
export interface Answer {
  status: number
  headers?: Readonly<Record<string, string>>
  body?: string | readonly Uint8Array[]
}

/** On every answer, errors included: nothing is sniffed, and pages of any origin may embed it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
}

/** Writes `answer`, with `common` headers below its own, unless an answer has begun. */
export function writeAnswer(
  res: ServerResponse,
  { status, headers, body = '' }: Answer,
  common: Readonly<Record<string, string>>,
): void {
  if (res.headersSent) return
  const bare = status === 204 || status === 304 || res.req.method === 'HEAD'
  // Who sent too much may still be sending. HTTP/2 has no such header.
  const ending = status === 413 && res.req.httpVersionMajor === 1 && { connection: 'close' }
  const length = typeof body === 'string' ? Buffer.byteLength(body) : totalLength(body)
  res.writeHead(status, {
    ...common,
    ...headers,
    ...ending,
    ...(bare ? {} : { 'content-length': String(length) }),
  })
  if (typeof body !== 'string') for (const part of body) res.write(part)
  res.end(typeof body === 'string' ? body : undefined)
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((length, part) => length + part.length, 0)
}
