import { StreamError, type StreamErrorCode } from '../../src/core/errors.ts'
import type { Answer } from './answer.ts'

const STATUS: Partial<Record<StreamErrorCode, number>> = {
  'bad-request': 400,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  closed: 409,
  gone: 410,
  'too-large': 413,
  unavailable: 503,
  unsupported: 501,
}

/** An error as callers get it: small JSON that names the value and the way out. */
export function errorAnswer(
  status: number,
  code: StreamErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ error: { code, message } }),
  }
}

/** The answer to an error that a parser or a limit threw; undefined for one nobody expected. */
export function expectedErrorAnswer(error: unknown): Answer | undefined {
  if (!(error instanceof StreamError)) return undefined
  const status = error.status ?? STATUS[error.code]
  if (status === undefined) return undefined
  return errorAnswer(status, error.code, error.message)
}

/** The answer to who would read live while as many do as may. */
export function busyAnswer(maxLiveReaders: number): Answer {
  const message = `${maxLiveReaders} live readers are connected: come back in a while`
  return errorAnswer(503, 'unavailable', message, { 'retry-after': '5' })
}

/** The answer to who comes while the server ends. */
export function stoppingAnswer(): Answer {
  return errorAnswer(503, 'unavailable', 'The server is stopping: come back in a second', {
    'retry-after': '1',
  })
}
