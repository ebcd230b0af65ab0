import type { IncomingMessage, ServerResponse } from 'node:http'
import { cutOff, declaredLength, tooLarge } from '../body-limit.ts'
import type { RequestHeaders } from '../parse-headers.ts'

/** How many times the limit is thrown away after a refusal, so that its sender gets to see it. */
const PATIENCE = 4

/**
 * Reads a request body. One that says how long it is costs that much memory, another one at most
 * twice its length, and none more than twice `maxBytes`.
 *
 * @throws {StreamError} `too-large` past `maxBytes`; `disconnected` if the sender goes away.
 */
export async function readBody(req: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const declared = declaredLength(req.headers as RequestHeaders, maxBytes)
  const parts = declared === undefined ? collect() : fill(declared)
  return new Promise((resolve, reject) => {
    let length = 0
    req.on('data', take)
    req.on('end', () => resolve(parts.whole(length)))
    req.on('error', (cause) => reject(cutOff(cause)))
    req.on('close', () => {
      if (!req.complete) reject(cutOff(undefined))
    })

    function take(part: Buffer): void {
      length += part.length
      if (length <= (declared ?? maxBytes)) return parts.add(part)
      req.off('data', take)
      reject(tooLarge(maxBytes))
    }
  })
}

/** Throws away what is still being sent after the answer, but not for ever. */
export function discardRest(req: IncomingMessage, res: ServerResponse, maxBytes: number): void {
  let left = maxBytes * PATIENCE
  req.on('data', (part: Buffer) => {
    left -= part.length
    if (left < 0) cutConnection(req, res)
  })
}

function cutConnection(
  req: IncomingMessage,
  res: ServerResponse & { stream?: { close: () => void } },
): void {
  if (res.stream) res.stream.close()
  else req.socket.destroy()
}

interface Parts {
  add: (part: Uint8Array) => void
  whole: (length: number) => Uint8Array
}

function collect(): Parts {
  const parts: Uint8Array[] = []
  return {
    add: (part) => void parts.push(part),
    whole: (length) => (parts.length === 1 ? parts[0]! : Buffer.concat(parts, length)),
  }
}

/** Memory for a long body is asked for once, and the system gives it as it is written. */
function fill(declared: number): Parts {
  let whole: Uint8Array | undefined
  let at = 0
  return {
    add(part) {
      if (part.length === declared) whole = part
      else (whole ??= Buffer.allocUnsafeSlow(declared)).set(part, at)
      at += part.length
    },
    whole: () => whole?.subarray(0, at) ?? new Uint8Array(0),
  }
}
