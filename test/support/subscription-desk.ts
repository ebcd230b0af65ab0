import { onTestFinished } from 'vitest'
import { memoryStorage } from '../../dev-server/index.ts'
import { parseTarget } from '../../dev-server/http/parse-target.ts'
import { encodeMessages } from '../../dev-server/operations/json-messages.ts'
import { createStreams, type Streams } from '../../dev-server/operations/streams.ts'
import {
  createSubscriptions,
  type Delivery,
  type DeliveryAnswer,
  type SubscriptionLimits,
  type Subscriptions,
  type Timers,
} from '../../dev-server/subscriptions/index.ts'
import { createInbox, type Inbox } from './inbox.ts'
import { createTestClock, type TestClock } from './test-clock.ts'
import type { Exchange } from '../../dev-server/http/exchange.ts'
import type { Storage } from '../../dev-server/storage/storage.ts'

const PREFIX = '/v1/stream'

/** One request that a webhook got. The test answers it. */
export interface WebhookCall extends Delivery {
  url: string
  /** The body, parsed. */
  wake: WebhookWake
  answer: (answer: Partial<DeliveryAnswer> & { json?: unknown }) => void
  /** As if there were no connection. */
  fail: (message: string) => void
}

export interface WebhookWake {
  subscription_id: string
  wake_id: string
  generation: number
  streams: WorkView[]
  callback_url: string
  callback_token: string
}

export interface WorkView {
  path: string
  link_type: string
  acked_offset: string
  tail_offset: string
  has_pending: boolean
}

/** An answer of the reserved API. */
export interface Reply {
  status: number
  headers: Readonly<Record<string, string>>
  // What is in it is for the test to say.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any
}

/** The reserved API over real streams, with a clock and webhooks in the hands of the test. */
export interface TestDesk {
  storage: Storage
  streams: Streams
  subscriptions: Subscriptions
  clock: TestClock
  /** Requests to webhooks, in order. */
  webhooks: Inbox<WebhookCall>
  errors: unknown[]
  call(method: string, path: string, body?: unknown, token?: string): Promise<Reply>
  /** The request that {@link call} makes. */
  exchange(method: string, path: string, body?: unknown, token?: string): Exchange
  /** Creates a JSON stream with these messages. */
  create(path: string, ...messages: unknown[]): Promise<void>
  /** Appends, and gives the offset after it. */
  append(path: string, message: unknown): Promise<string>
  /** The same storage after a restart of the server. */
  restart(): Promise<TestDesk>
}

export interface TestDeskOptions {
  storage?: Storage
  clock?: TestClock
  random?: () => number
  limits?: Partial<SubscriptionLimits>
  sendsWebhooks?: boolean
}

export function createTestDesk(options: TestDeskOptions = {}): TestDesk {
  const { storage = memoryStorage(), clock = createTestClock(), sendsWebhooks = true } = options
  const webhooks = createInbox<WebhookCall>()
  const errors: unknown[] = []
  const { now } = clock
  const onEvent = (event: Parameters<Subscriptions['onEvent']>[0]): void =>
    subscriptions.onEvent(event)
  const streams = createStreams({ storage, now, onEvent, onError: (error) => errors.push(error) })
  const subscriptions: Subscriptions = createSubscriptions({
    storage,
    streams,
    prefix: PREFIX,
    webhooks: sendsWebhooks
      ? { check: checkUrl, deliver: (url, it) => receive(webhooks, url, it) }
      : undefined,
    limits: { maxSubscriptions: 1_000, maxLinks: 5_000, ...options.limits },
    now,
    random: options.random ?? (() => 0.5),
    newId: () => crypto.randomUUID(),
    timers: clock satisfies Timers,
    pause: async () => undefined,
    onError: (error) => errors.push(error),
  })
  onTestFinished(() => subscriptions.close())

  return {
    storage,
    streams,
    subscriptions,
    clock,
    webhooks,
    errors,
    exchange: exchangeOf,
    async call(method, path, body, token) {
      const exchange = exchangeOf(method, path, body, token)
      const target = parseTarget(exchange.url, PREFIX)!
      const answer = await subscriptions.handle(exchange, target.path)
      const text = typeof answer.body === 'string' ? answer.body : ''
      const { status, headers = {} } = answer
      return { status, headers, body: text === '' ? undefined : JSON.parse(text) }
    },
    async create(path, ...messages) {
      await streams.create(path, {
        contentType: 'application/json',
        data: bytesOf(messages),
        closed: false,
        expiry: { kind: 'never' },
        id: crypto.randomUUID(),
      })
    },
    async append(path, message) {
      const contentType = 'application/json'
      const outcome = await streams.append(path, {
        contentType,
        data: bytesOf([message]),
        close: false,
      })
      if (outcome.kind !== 'appended') throw new Error(`${path}: ${outcome.kind}`)
      return String(outcome.record.tail).padStart(16, '0')
    },
    async restart() {
      await subscriptions.close()
      return createTestDesk({ ...options, storage, clock })
    },
  }
}

async function checkUrl(url: string): Promise<void> {
  if (new URL(url).hostname === 'forbidden.example') throw new Error(`${url} is not ours`)
}

function receive(
  webhooks: Inbox<WebhookCall>,
  url: string,
  delivery: Delivery,
): Promise<DeliveryAnswer> {
  return new Promise((resolve, reject) => {
    const { body, signal } = delivery
    signal.addEventListener('abort', () => reject(new Error('aborted')))
    webhooks.put({
      ...delivery,
      url,
      wake: JSON.parse(body) as WebhookWake,
      answer: ({ status = 200, json, body: text = JSON.stringify(json ?? {}) }) =>
        resolve({ status, body: text }),
      fail: (message) => reject(new Error(message)),
    })
  })
}

function exchangeOf(method: string, path: string, body: unknown, token?: string): Exchange {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  return {
    method,
    url: `${PREFIX}/__ds/${path}`,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    origin: 'https://streams.example',
    address: undefined,
    body: async () => new TextEncoder().encode(text),
    gone: false,
    onGone: () => undefined,
    request: () => new Request('https://streams.example'),
  }
}

function bytesOf(messages: readonly unknown[]): Uint8Array {
  return encodeMessages(new TextEncoder().encode(JSON.stringify(messages)))
}
