import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHub } from './http/hub.ts'
import { serve } from './http/serve.ts'
import { checkOptions, type HandlerOptions } from './options.ts'
import type { House } from './http/house.ts'

/** The protocol server as a handler of requests, to mount in a server of yours. */
export interface NodeHandler {
  /**
   * Answers a request below the prefix; resolves once its answer is written, and never rejects. Other
   * requests go to `next`, as in Connect, or get 404 without one.
   */
  handle: (req: IncomingMessage, res: ServerResponse, next?: () => void) => Promise<void>
  /** Ends live reads, waits for what is being answered, and closes a storage of its own. */
  close: () => Promise<void>
}

/** @throws {StreamError} `invalid` for an option that cannot be. */
export function createNodeHandler(options: HandlerOptions = {}): NodeHandler {
  const { ownsStorage, ...checked } = checkOptions(options)
  const hub = createHub(checked.storage, checked.now)
  const house: House = { ...checked, hub, random: Math.random }
  const open = new Set<ServerResponse>()
  let onDone: (() => void) | undefined
  let closing: Promise<void> | undefined

  return {
    async handle(req, res, next) {
      // Left before it was their turn: nobody would hear the answer, nor tell us of the end.
      if (hasLeft(res)) return
      open.add(res)
      const served = serve(house, req, res, next && (() => pass(res, next)))
      // A caller who left early may leave work behind that still needs the storage.
      res.on('close', () => void served.then(() => done(res)))
      await served
    },
    close: () => (closing ??= close()),
  }

  function pass(res: ServerResponse, next: () => void): void {
    done(res)
    next()
  }

  function done(res: ServerResponse): void {
    open.delete(res)
    if (open.size === 0) onDone?.()
  }

  async function close(): Promise<void> {
    hub.close()
    if (open.size > 0) await new Promise<void>((resolve) => (onDone = resolve))
    if (ownsStorage) await checked.storage.close()
  }
}

/** Whether the caller went away. A response over HTTP/2 knows it by its stream. */
function hasLeft(res: ServerResponse & { stream?: { destroyed: boolean } }): boolean {
  return res.destroyed || res.stream?.destroyed === true
}
