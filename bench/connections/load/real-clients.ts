import { stream, type StreamOptions } from '../../../src/core/index.ts'
import type { Message } from '../../harness/message.ts'
import { createDeliveries, type Delivered } from './deliveries.ts'
import { watchFetch } from './fetch-traffic.ts'
import { type Plan, streamsOf } from './plan.ts'
import { pathOf } from './update.ts'

/** What our client shares between streams; see `EndpointOptions.connection`. */
export type Connection = 'page' | 'stream'

export interface ClientDelivered extends Delivered {
  bytes: number
  /** Answers that stay open, each of which holds a connection. */
  connections: number
  /** Requests until all streams were live. */
  requests: number
}

/** The product's own client at work, in this process. */
export interface RealClient {
  /** From the first call until all streams had an answer that stays open. */
  liveMs: number
  begin(): void
  finish(sequence: number, patienceMs: number): Promise<ClientDelivered>
}

const traffic = watchFetch()

interface Item {
  n: string
  by: string
  us: string
}

/** Follows all streams of a plan for one client, each by a call of `stream` as an application makes. */
export async function openRealClient(
  connection: Connection,
  url: string,
  plan: Plan,
  first: number,
): Promise<RealClient> {
  const deliveries = createDeliveries(plan, first)
  const before = traffic.requests
  const began = performance.now()
  await Promise.all(
    streamsOf(plan, 0).map((number) => {
      const options = { url: `${url}/${pathOf(number)}`, connection }
      return follow(
        options,
        (error) => deliveries.fail(error),
        (message) => deliveries.see(0, message, number),
      )
    }),
  )
  const liveMs = performance.now() - began
  const requests = traffic.requests - before
  let bytesBefore = 0
  return {
    liveMs,
    begin() {
      deliveries.begin()
      bytesBefore = traffic.bytesRead
    },
    async finish(sequence, patienceMs) {
      const delivered = await deliveries.finish(sequence, patienceMs)
      const { bytesRead, answersOpen: connections } = traffic
      return { ...delivered, bytes: bytesRead - bytesBefore, connections, requests }
    },
  }
}

/** Loads and compiles what the client and the runtime need, by following one stream for a moment. */
export async function prepareRealClient(connection: Connection, url: string): Promise<void> {
  const stop = new AbortController()
  const options = { url: `${url}/${pathOf(0)}`, connection, signal: stop.signal }
  await follow(
    options,
    () => undefined,
    () => undefined,
  )
  stop.abort()
}

/** Resolves once a live connection has answered. */
async function follow(
  options: StreamOptions,
  onEnd: (error: Error) => void,
  onMessage: (message: Message) => void,
): Promise<void> {
  const response = await stream<Item>({ ...options, live: 'sse', offset: 'now' })
  await new Promise<void>((resolve) => {
    response.closed.then(() => onEnd(new Error(`The reading of ${response.url} ended`)), onEnd)
    response.subscribeJson(({ items, cursor }) => {
      // Only what comes over a live connection has one.
      if (cursor !== undefined) resolve()
      for (const { n, by, us } of items) {
        onMessage({ number: Number(n), writer: Number(by), sentUs: Number(us) })
      }
    })
  })
}
