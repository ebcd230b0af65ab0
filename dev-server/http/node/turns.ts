import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The requests of one connection, of which each waits for the one before it. */
interface Line {
  current: ServerResponse
  waiting: Waiting[]
}

interface Waiting {
  /** Nothing for what is no request. */
  res: ServerResponse | undefined
  /** Tells that it is its turn, and whether it still is worth something. */
  go: (isWanted: boolean) => void
}

const lines = new WeakMap<Socket, Line>()

/**
 * The turn of a request among those that its caller sent ahead on one connection: nothing if it is
 * at once. One at a time, since a later one may rely on the effect of an earlier one (RFC 9112
 * section 9.3.2), and since answers that nobody reads would pile up. HTTP/2 has its own limit.
 *
 * @returns a promise for whether the caller is still there: Node does not tell a response that it
 *   has not given the connection to.
 */
export function turnOf(req: IncomingMessage, res: ServerResponse): Promise<boolean> | undefined {
  if (req.httpVersionMajor > 1) return undefined
  const { socket } = req
  const line = lines.get(socket)
  if (!line) {
    lines.set(socket, { current: res, waiting: [] })
    return undefined
  }
  if (isFree(line)) {
    line.current = res
    return undefined
  }
  return new Promise((resolve) => lineUp(line, socket, { res, go: resolve }))
}

/**
 * Calls `refuse` once all requests on `socket` that arrived whole are answered; at once, if none is
 * open, or one whose body breaks off here and that is not answered yet. Calls `giveUp` instead if
 * there is nothing left to say.
 */
export function afterAllOn(socket: Socket, refuse: () => void, giveUp: () => void): void {
  const line = lines.get(socket)
  if (!line || isFree(line)) return refuse()
  const last = line.waiting.at(-1)
  if (!last && !line.current.req.complete) {
    return line.current.headersSent ? giveUp() : refuse()
  }
  if (last?.res && !last.res.req.complete) line.waiting.pop()!.go(false)
  lineUp(line, socket, { res: undefined, go: (isWanted) => (isWanted ? refuse() : giveUp()) })
}

/** Goes on as before with a socket that Node has let go of, until all on it is answered. */
export function keepServing(socket: Socket): void {
  socket.on('drain', () => lines.get(socket)?.current.emit('drain'))
  socket.on('timeout', () => socket.destroy())
  // An error without a listener would end the process; that the caller left is told by `close`.
  socket.on('error', () => undefined)
}

function isFree({ current, waiting }: Line): boolean {
  return waiting.length === 0 && (current.writableFinished || current.destroyed)
}

function lineUp(line: Line, socket: Socket, waiting: Waiting): void {
  if (line.waiting.push(waiting) > 1) return
  socket.once('close', next)
  line.current.once('close', next)

  function next(): void {
    const first = line.waiting.shift()
    if (!first) return
    if (first.res) line.current = first.res
    // After an answer that was to be the last one, Node gives the connection to nobody.
    first.go(!socket.destroyed && first.res?.socket !== null)
    if (line.waiting.length === 0) socket.off('close', next)
    else if (socket.destroyed) next()
    else line.current.once('close', next)
  }
}
