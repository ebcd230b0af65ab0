import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

const latest = new WeakMap<Socket, ServerResponse>()

/**
 * The turn of a request among those that its caller sent ahead on one connection: nothing if it is
 * at once. One at a time, since a later one may rely on the effect of an earlier one (RFC 9112
 * section 9.3.2), and since answers that nobody reads would pile up. HTTP/2 has its own limit.
 */
export function turnOf(req: IncomingMessage, res: ServerResponse): Promise<void> | undefined {
  if (req.httpVersionMajor > 1) return undefined
  const before = latestOn(req.socket)
  latest.set(req.socket, res)
  return before && closeOf(before)
}

/** The last answer on `socket` that is not written yet. */
export function latestOn(socket: Socket): ServerResponse | undefined {
  const res = latest.get(socket)
  return res && !res.writableFinished && !res.destroyed ? res : undefined
}

/** Resolves once the answer is written, or its caller is gone. */
export function closeOf(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => res.on('close', resolve))
}
