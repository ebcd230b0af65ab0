import { commonHeaders } from './http/cors.ts'
import { stoppingAnswer } from './http/error-answer.ts'
import { FetchExchange } from './http/fetch/exchange.ts'
import { toResponse } from './http/fetch/response.ts'
import { serve } from './http/serve.ts'
import { invalidOption } from './option-checks.ts'
import { openHouse } from './open-house.ts'
import { checkOptions, type CommonOptions } from './options.ts'
import { memoryStorage } from './storage/memory.ts'
import type { Answer } from './http/answer.ts'
import type { Storage } from './storage/storage.ts'
import type { Webhooks } from './subscriptions/index.ts'

export interface FetchHandlerOptions extends CommonOptions {
  /** How this host reaches webhooks, such as `nodeWebhooks()` in Node. Default: it does not. */
  webhooks?: Webhooks
  /** Where streams live. A storage given as an object is not closed by the handler. Default `'memory'`. */
  storage?: 'memory' | Storage
}

/** The protocol server for hosts that speak the Fetch standard. */
export interface FetchHandler {
  /**
   * Answers a request; never rejects. What is not below the prefix gets 404.
   *
   * @param client.address tells clients apart where a rate limit is on.
   */
  fetch: (request: Request, client?: { address?: string }) => Promise<Response>
  /** Ends live reads, waits for what is being answered, and closes a storage of its own. */
  close: () => Promise<void>
}

/**
 * The server as a function from `Request` to `Response`: for Hono, Next, TanStack Start, Bun, Deno.
 * Uses Web APIs alone.
 *
 * @throws {StreamError} `invalid` for an option that cannot be.
 */
export function createFetchHandler(options: FetchHandlerOptions = {}): FetchHandler {
  const checked = checkOptions(options)
  const owned = options.storage === undefined || options.storage === 'memory'
  const storage = owned ? memoryStorage() : checkStorage(options.storage)
  const { webhooks } = options
  const { house, start, close: closeHouse } = openHouse(checked, storage, { pause, webhooks })
  start().catch(checked.onError)
  const open = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  return {
    async fetch(request, client) {
      const exchange = new FetchExchange(request, client?.address)
      const answer = closing ? stoppingAnswer() : await settled(answerTo(exchange))
      // Nobody hears it, but a host may insist on a response.
      if (!answer) return new Response(null, { status: 499 })
      const common = commonHeaders(house.cors, exchange.headers)
      return toResponse(watched(answer), exchange.method, common, request.signal)
    },
    close: () => (closing ??= close()),
  }

  async function answerTo(exchange: FetchExchange): Promise<Answer | undefined> {
    const answer = await serve(house, exchange)
    if (!answer || !('whenReady' in answer)) return answer
    return new Promise((resolve) => {
      answer.whenReady(resolve)
      // Nothing is answered to who is gone.
      const gone = (): void => resolve(undefined)
      if (exchange.gone) gone()
      else exchange.onGone(gone)
    })
  }

  async function close(): Promise<void> {
    await closeHouse()
    while (open.size > 0) await Promise.all(open)
    if (owned) await storage.close()
  }

  /** What is under way still needs the storage. */
  function settled<Value>(work: Promise<Value>): Promise<Value> {
    open.add(work)
    return work.finally(() => open.delete(work))
  }

  function watched(answer: Answer): Answer {
    const { body } = answer
    if (typeof body !== 'function') return answer
    return { ...answer, body: (response) => settled(body(response)) }
  }
}

/** Lets the event loop turn once: timers may be slow, a message to oneself is not. */
function pause(): Promise<void> {
  const host = globalThis as { setImmediate?: (callback: () => void) => void }
  if (host.setImmediate) return new Promise((resolve) => host.setImmediate!(resolve))
  if (!globalThis.MessageChannel) return new Promise((resolve) => setTimeout(resolve, 0))
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}

function checkStorage(storage: unknown): Storage {
  if (typeof storage === 'object' && storage !== null && 'update' in storage) {
    return storage as Storage
  }
  throw invalidOption('storage', storage, "'memory' or an object that implements Storage")
}
