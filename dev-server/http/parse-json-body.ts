import { StreamError } from '../../src/core/errors.ts'

/** @throws {StreamError} `bad-request` for what is no JSON, or no UTF-8. */
export function parseJsonBody(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new StreamError('bad-request', `The body is not JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
}
