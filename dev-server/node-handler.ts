import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as pause } from 'node:timers/promises'
import { commonHeaders } from './http/cors.ts'
import { stoppingAnswer } from './http/error-answer.ts'
import { discardRest } from './http/node/body.ts'
import { NodeExchange } from './http/node/exchange.ts'
import { writeAnswer } from './http/node/response.ts'
import { turnOf } from './http/node/turns.ts'
import { isBelow } from './http/parse-target.ts'
import { serve } from './http/serve.ts'
import { openHouse } from './open-house.ts'
import { checkOptions, type CommonOptions } from './options.ts'
import { openStorage, type StorageOption } from './storage-option.ts'
import { nodeWebhooks } from './subscriptions/node/webhooks.ts'
import type { Answer } from './http/answer.ts'

export interface HandlerOptions extends CommonOptions {
  /** Where streams live. A storage given as an object is not closed by the server. Default `'memory'`. */
  storage?: StorageOption
}

/** The protocol server as a handler of requests, to mount in a server of yours. */
export interface NodeHandler {
  /**
   * Answers a request below the prefix; resolves once its answer is written, or waits for news of the
   * stream, and never rejects. Other requests go to `next`, as in Connect, or get 404 without one.
   */
  handle: (req: IncomingMessage, res: ServerResponse, next?: () => void) => Promise<void>
  /**
   * Resolves once the storage is open and subscriptions of an earlier life go on; rejects if it cannot
   * be read. The first request does the same, but a failure is then told to `onError`.
   */
  ready: () => Promise<void>
  /** Ends live reads, waits for what is being answered, and closes a storage of its own. */
  close: () => Promise<void>
}

/** @throws {StreamError} `invalid` for an option that cannot be. */
export function createNodeHandler(options: HandlerOptions = {}): NodeHandler {
  const checked = checkOptions(options)
  const { storage, owned } = openStorage(options.storage ?? 'memory')
  const {
    house,
    start,
    close: closeHouse,
  } = openHouse(checked, storage, {
    pause: () => pause(),
    webhooks: nodeWebhooks({ allowLocal: checked.subscriptions?.allowLocalWebhooks ?? false }),
  })
  let ready: Promise<void> | undefined
  let open = 0
  let onDone: (() => void) | undefined
  let closing: Promise<void> | undefined

  return {
    async handle(req, res, next) {
      if (next && !isBelow(req.url ?? '/', house.prefix)) return next()
      const turn = turnOf(req, res)
      if (turn && !(await turn)) return
      // Left before it was their turn: nobody would hear the answer, nor tell us of the end.
      if (hasLeft(res)) return
      if (!ready) begin().catch(checked.onError)
      open += 1
      const exchange = new NodeExchange(req)
      const answered = answer(exchange, res)
      res.on('close', () => {
        exchange.leave()
        // A caller who left early may leave work behind that still needs the storage.
        void answered.then(done)
      })
      return answered
    },
    ready: begin,
    close: () => (closing ??= close()),
  }

  async function answer(exchange: NodeExchange, res: ServerResponse): Promise<void> {
    const answer = closing ? stoppingAnswer() : await serve(house, exchange)
    if (!answer) return void res.destroy()
    if (!('whenReady' in answer)) return write(exchange, res, answer)
    answer.whenReady((ready) => void write(exchange, res, ready))
  }

  function write(
    exchange: NodeExchange,
    res: ServerResponse,
    answer: Answer,
  ): Promise<void> | undefined {
    try {
      const growing = writeAnswer(res, answer, commonHeaders(house.cors, exchange.headers))
      if (!res.req.complete) discardRest(res.req, res, house.maxBodyBytes)
      return growing
    } catch (error) {
      // Node refuses a header: the caller gets no answer, the others theirs.
      house.onError(error)
      res.destroy()
      return undefined
    }
  }

  function begin(): Promise<void> {
    return (ready ??= start())
  }

  function done(): void {
    open -= 1
    if (open === 0) onDone?.()
  }

  async function close(): Promise<void> {
    await closeHouse()
    if (open > 0) await new Promise<void>((resolve) => (onDone = resolve))
    if (owned) await storage.close()
  }
}

/** Whether the caller went away. A response over HTTP/2 knows it by its stream. */
function hasLeft(res: ServerResponse & { stream?: { destroyed: boolean } }): boolean {
  return res.destroyed || res.stream?.destroyed === true
}
