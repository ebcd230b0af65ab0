import { expectedErrorAnswer, errorAnswer } from '../http/error-answer.ts'
import { jwksAnswer, wrongMethod } from './answers.ts'
import {
  addStreams,
  deleteSubscription,
  getSubscription,
  putSubscription,
  removeStream,
} from './answer-configuration.ts'
import { claim, release, report } from './answer-worker.ts'
import { loadKeys, type Keys } from './keys.ts'
import { Manager } from './manager.ts'
import { createStore } from './store.ts'
import type { Answer } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { LifecycleEvent } from '../operations/streams.ts'
import type { SubscriptionOptions } from './context.ts'
import type { Desk } from './desk.ts'

export type { SubscriptionLimits, SubscriptionOptions, Timers } from './context.ts'
export type { Delivery, DeliveryAnswer, Webhooks } from './delivery.ts'

/** The reserved API, `__ds`: durable cursors over streams that wake workers. Protocol section 9. */
export interface Subscriptions {
  /**
   * Answers a request whose path below the prefix begins with `__ds`.
   *
   * @throws what the storage throws, and `disconnected` for a caller who left.
   */
  handle(exchange: Exchange, path: string): Promise<Answer>
  /**
   * Whether a request is told from a stranger's by the token of a wake, or is for everybody: such a
   * one need not, and workers cannot, satisfy the rules of an application.
   *
   * @param path below the prefix
   */
  authorizesItself(path: string): boolean
  /** Is to be told of each stream that is created or deleted, once that is durable. */
  onEvent(event: LifecycleEvent): void
  /**
   * Goes on with what is stored: leases, and wakes that wait to be sent. A request does the same, so
   * this is for servers that nobody asks. Resolves once every subscription is at work; streams that
   * were made while nobody was looking are looked for after that.
   */
  start(): Promise<void>
  /** Gives up what is being sent, and resolves when nothing is under way. The storage stays open. */
  close(): Promise<void>
}

const SELF_AUTHORIZED = /^__ds\/(jwks\.json|subscriptions\/[^/]+\/(callback|ack|release))$/

/** Subscriptions over the streams of one storage; nothing is read before the first need. */
export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { storage, newId } = options
  let loadedKeys: Promise<Keys> | undefined
  const context = { ...options, store: createStore(storage), keys }
  const manager = new Manager(context)
  const desk: Desk = { ...context, manager }
  let started: Promise<void> | undefined

  return {
    async handle(exchange, path) {
      await begin()
      try {
        return await answer(desk, exchange, path)
      } catch (error) {
        const expected = expectedErrorAnswer(error)
        if (expected) return expected
        throw error
      }
    },
    authorizesItself: (path) => SELF_AUTHORIZED.test(path),
    onEvent: (event) => manager.onEvent(event),
    start: begin,
    async close() {
      await manager.close()
      await started
    },
  }

  /** Resolves once every subscription is known; the streams are looked through meanwhile. */
  async function begin(): Promise<void> {
    await manager.load()
    started ??= manager.reconcile().catch((error: unknown) => {
      started = undefined
      options.onError(error)
    })
  }

  function keys(): Promise<Keys> {
    loadedKeys ??= loadKeys(storage, newId).catch((error: unknown) => {
      loadedKeys = undefined
      throw error
    })
    return loadedKeys
  }
}

async function answer(desk: Desk, exchange: Exchange, path: string): Promise<Answer> {
  const [, place, name, action, ...rest] = path.split('/')
  const { method } = exchange
  if (place === 'jwks.json' && name === undefined) {
    return isRead(method) ? jwksAnswer(await desk.keys()) : wrongMethod(method, 'GET')
  }
  if (place !== 'subscriptions' || name === undefined) return nothingHere(path)
  if (action === undefined) return onSubscription(desk, exchange, name)
  if (action === 'streams' && rest.length > 0) {
    const stream = rest.join('/')
    return method === 'DELETE' ? removeStream(desk, name, stream) : wrongMethod(method, 'DELETE')
  }
  if (rest.length > 0 || !ACTIONS.includes(action)) return nothingHere(path)
  return method === 'POST' ? onAction(desk, exchange, name, action) : wrongMethod(method, 'POST')
}

function onSubscription(desk: Desk, exchange: Exchange, name: string): Promise<Answer> | Answer {
  const { method } = exchange
  if (method === 'PUT') return putSubscription(desk, exchange, name)
  if (isRead(method)) return getSubscription(desk, exchange, name)
  if (method === 'DELETE') return deleteSubscription(desk, name)
  return wrongMethod(method, 'GET, PUT, DELETE')
}

const ACTIONS = ['streams', 'callback', 'ack', 'claim', 'release']

function onAction(desk: Desk, exchange: Exchange, name: string, action: string): Promise<Answer> {
  switch (action) {
    case 'streams':
      return addStreams(desk, exchange, name)
    case 'claim':
      return claim(desk, exchange, name)
    case 'release':
      return release(desk, exchange, name)
    default:
      return report(desk, exchange, name, action as 'callback' | 'ack')
  }
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function nothingHere(path: string): Answer {
  const message = `There is nothing at ${path}: see __ds/subscriptions/<id> and __ds/jwks.json`
  return errorAnswer(404, 'not-found', message)
}
