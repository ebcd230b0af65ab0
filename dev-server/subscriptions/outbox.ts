import { sendWake, type SendContext } from './send.ts'
import { noteSending, type Awake } from './wake.ts'
import type { SubscriptionOptions } from './context.ts'
import type { Tails } from './links.ts'
import type { SubscriptionStore } from './store.ts'
import type { StoredSubscription, Subscription } from './subscription.ts'

/** After a failure of this server, not of the worker's. */
const TRY_AGAIN_MS = 1_000

/** Sends the wakes of one subscription, one at a time, and stores what came of it. */
export interface Outbox {
  /**
   * Sends the wake under way if it is due and not being sent.
   *
   * @returns when to come again, in milliseconds since 1970; nothing if it need not be.
   */
  tend(subscription: Subscription): number | undefined
  /** Gives up what is being sent; resolves when nothing is. */
  close(): Promise<void>
}

export type OutboxContext = SendContext &
  Pick<SubscriptionOptions, 'random' | 'timers' | 'onError'> & { store: SubscriptionStore }

export interface OutboxOptions {
  name: string
  recordId: string
  /** Where the streams of the subscription end now. */
  tails: () => Promise<Tails>
  /** What was sent changed the subscription, or it may be time to send again. */
  onSent: (stored: StoredSubscription | undefined) => void
}

interface Attempt {
  wakeId: string
  controller: AbortController
  ended: Promise<void>
}

export function createOutbox(context: OutboxContext, options: OutboxOptions): Outbox {
  const { store, now, timers, onError } = context
  const { name, recordId, onSent } = options
  let attempt: Attempt | undefined
  let notBefore = 0
  let closed = false

  return {
    tend(subscription) {
      const { wake } = subscription
      if (closed || !wake || wake.sent || attempt?.wakeId === wake.id) return undefined
      const due = Math.max(wake.retry?.at ?? 0, notBefore)
      if (due > now()) return due
      // A webhook that has not answered an earlier wake, which is over, is not waited for.
      attempt?.controller.abort()
      attempt = start({ ...subscription, wake })
      return undefined
    },
    async close() {
      closed = true
      attempt?.controller.abort()
      await attempt?.ended
    },
  }

  function start(subscription: Awake): Attempt {
    const controller = new AbortController()
    const mine: Attempt = { wakeId: subscription.wake.id, controller, ended: run() }
    return mine

    async function run(): Promise<void> {
      let stored: StoredSubscription | undefined
      try {
        stored = await send(subscription, controller)
      } catch (error) {
        notBefore = now() + TRY_AGAIN_MS
        onError(error)
      }
      if (attempt === mine) attempt = undefined
      if (!closed) onSent(stored)
    }
  }

  async function send(
    subscription: Awake,
    controller: AbortController,
  ): Promise<StoredSubscription | undefined> {
    const startedAt = now()
    const giveUp = timers.set(() => controller.abort(), subscription.configuration.leaseTtlMs)
    try {
      const tails = new Map(await options.tails())
      const sending = { name, recordId, subscription, tails, signal: controller.signal }
      const outcome = await sendWake(context, sending)
      if (closed) return undefined
      const moment = {
        startedAt,
        now: now(),
        jitter: context.random(),
        tails: await options.tails(),
      }
      return await store.change(name, (stored) => ({
        outcome: undefined,
        subscription:
          stored.recordId === recordId
            ? noteSending(stored.subscription, subscription.wake.id, outcome, moment)
            : stored.subscription,
      }))
    } finally {
      timers.clear(giveUp)
    }
  }
}
