import type { Message } from '../../harness/message.ts'
import { percentile } from '../../harness/statistics.ts'
import { sinceMs } from './clock.ts'
import { type Plan, streamsOf, subscriptions } from './plan.ts'
import { sequenceOf, streamOf } from './update.ts'

/** What has arrived, at each client of each stream that it follows. */
export interface Deliveries {
  /** Takes a message that `client` got; `stream`: what it can only be of. */
  see(client: number, message: Readonly<Message>, stream?: number): void
  /** Times from now on are those that count. */
  begin(): void
  /** Remembers what went wrong first: it is thrown by {@link Deliveries.finish}. */
  fail(error: Error): void
  /**
   * Waits until each subscription has had its updates up to `sequence`, exclusively, and a moment more
   * for one that comes twice.
   *
   * @throws for an update that is missing, came twice, out of order, or to who did not ask for it.
   */
  finish(sequence: number, patienceMs: number): Promise<Delivered>
}

export interface Delivered {
  /** How many updates came since `begin`. */
  count: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

/** How long one that comes twice is waited for. */
export const MOMENT_MS = 300

/** @param first the number of the first update that is awaited, of each stream */
export function createDeliveries(plan: Plan, first: number): Deliveries {
  const next = new Int32Array(subscriptions(plan)).fill(first)
  // Where each client has its streams.
  const places = Array.from(
    { length: plan.clients },
    (_, client) =>
      new Map(streamsOf(plan, client).map((stream, i) => [stream, client * plan.perClient + i])),
  )
  let latenciesMs: number[] = []
  let before = 0
  let seen = 0
  let failure: Error | undefined

  const deliveries: Deliveries = {
    see(client, message, stream = streamOf(message)) {
      const came = streamOf(message)
      const sequence = sequenceOf(message)
      const place = places[client]!.get(came)
      if (place === undefined || came !== stream) {
        deliveries.fail(new Error(`Stream ${came} came to client ${client} in place of ${stream}`))
      } else if (sequence !== next[place]) {
        const told = `update ${sequence} came in place of ${next[place]}`
        deliveries.fail(new Error(`Stream ${came} at client ${client}: ${told}`))
      } else {
        next[place]++
      }
      seen++
      latenciesMs.push(sinceMs(message.sentUs))
    },
    begin() {
      latenciesMs = []
      before = seen
    },
    fail: (error) => void (failure ??= error),
    async finish(sequence, patienceMs) {
      const deadline = performance.now() + patienceMs
      const all = (sequence - first) * next.length
      while (seen < all && !failure && performance.now() < deadline) await wait(5)
      await wait(MOMENT_MS)
      if (failure) throw failure
      const behind = next.filter((had) => had !== sequence).length
      if (behind > 0) {
        throw new Error(`${seen} of ${all} updates came; ${behind} subscriptions lack some`)
      }
      return {
        count: seen - before,
        p50Ms: percentile(latenciesMs, 0.5),
        p99Ms: percentile(latenciesMs, 0.99),
        maxMs: percentile(latenciesMs, 1),
      }
    },
  }
  return deliveries
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
