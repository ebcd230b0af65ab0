import type { IncomingMessage } from 'node:http'
import { StreamError } from '../../../src/core/errors.ts'

/** How many times the limit is read and thrown away, so that the sender gets to see the refusal. */
const PATIENCE = 4

/**
 * Reads a request body.
 *
 * @throws {StreamError} `too-large` past `maxBytes`; `disconnected` if the sender goes away.
 */
export function readBody(req: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let parts: Buffer[] = []
    let length = 0
    req.on('data', (part: Buffer) => {
      length += part.length
      if (length <= maxBytes) parts.push(part)
      else parts = []
      if (length > maxBytes * PATIENCE) reject(tooLarge(maxBytes))
    })
    req.on('end', () => {
      if (length > maxBytes) reject(tooLarge(maxBytes))
      else resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts, length))
    })
    req.on('error', (cause) => reject(cutOff(cause)))
    req.on('close', () => {
      if (!req.complete) reject(cutOff(undefined))
    })
  })
}

function tooLarge(maxBytes: number): StreamError {
  return new StreamError(
    'too-large',
    `The body is longer than ${maxBytes} bytes: send it in several appends`,
  )
}

function cutOff(cause: unknown): StreamError {
  return new StreamError('disconnected', 'The request broke off before its body was whole', {
    cause,
  })
}
