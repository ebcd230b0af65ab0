import { applyAcks, followStreams, isPending, type Ack, type Tails } from './links.ts'
import { retryDelayMs } from './retry-delay.ts'
import type { Subscription, Wake } from './subscription.ts'

/** Which wake somebody means. */
export interface WakeName {
  wakeId: string
  generation: number
}

/** What a worker reports. */
export interface Report {
  acks: readonly Ack[]
  /** The work is over; otherwise the lease goes on. */
  done: boolean
}

/** A wake that was issued, and where the subscription stands with it. */
export type Awake = Subscription & { wake: Wake }

/** Whether bytes wait for a worker. */
export function hasPending({ links }: Subscription, tails: Tails): boolean {
  return links.some((link) => isPending(link, tails))
}

/** Ends a lease whose time is over. */
export function expireLease(subscription: Subscription, now: number): Subscription {
  const { wake } = subscription
  return wake?.lease && wake.lease.until <= now ? { ...subscription, wake: null } : subscription
}

/** Issues a wake if there is work and nothing under way. */
export function issueWake(subscription: Subscription, wakeId: string, tails: Tails): Subscription {
  if (subscription.wake || !hasPending(subscription, tails)) return subscription
  const wake: Wake = { id: wakeId, sent: false, lease: null, retry: null }
  return { ...subscription, generation: subscription.generation + 1, wake }
}

export type ClaimOutcome =
  | { kind: 'claimed'; subscription: Awake }
  | { kind: 'held'; holder: string; generation: number }
  | { kind: 'no-work' }

/** Gives the lease to `holder` if nobody has it and there is work. */
export function claimWake(
  stored: Subscription,
  holder: string,
  { now, wakeId, tails }: { now: number; wakeId: string; tails: Tails },
): ClaimOutcome {
  const current = followStreams(expireLease(stored, now), tails)
  const { lease } = current.wake ?? {}
  if (lease) return { kind: 'held', holder: lease.holder, generation: current.generation }
  const awake = issueWake(current, wakeId, tails)
  if (!awake.wake) return { kind: 'no-work' }
  const until = now + awake.configuration.leaseTtlMs
  const wake = { ...awake.wake, sent: true, retry: null, lease: { holder, until } }
  return { kind: 'claimed', subscription: { ...awake, wake } }
}

/** Whether `name` is the wake under way at `now`: a worker whose lease ran out is fenced off. */
export function isCurrent(subscription: Subscription, name: WakeName, now: number): boolean {
  const { wake, generation } = expireLease(subscription, now)
  return wake?.id === name.wakeId && generation === name.generation
}

/**
 * Applies a worker's report on the current wake. The lease ends or starts over.
 *
 * @throws {StreamError} `bad-request` for an offset past the end of its stream.
 */
export function reportOn(
  stored: Awake,
  { acks, done }: Report,
  { now, tails }: { now: number; tails: Tails },
): Subscription {
  const current = followStreams(stored, tails)
  const links = applyAcks(current, acks, tails)
  if (done) return { ...current, links, wake: null }
  const holder = stored.wake.lease?.holder ?? WEBHOOK
  const lease = { holder, until: now + current.configuration.leaseTtlMs }
  return { ...current, links, wake: { ...stored.wake, sent: true, retry: null, lease } }
}

/** Gives the work back. */
export function releaseWake(subscription: Subscription): Subscription {
  return { ...subscription, wake: null }
}

/** A wake of the type `pull-wake` before anybody was told, unless a worker took it already. */
export function unsendWake(subscription: Subscription): Subscription {
  const { wake, configuration } = subscription
  if (configuration.type !== 'pull-wake' || !wake || wake.lease) return subscription
  if (!wake.sent && !wake.retry) return subscription
  return { ...subscription, wake: { ...wake, sent: false, retry: null } }
}

/** What came of sending a wake. */
export type SendOutcome =
  /** Somebody knows of it now. */
  | { kind: 'taken' }
  /** The webhook did all that it was told of. */
  | { kind: 'done'; acks: readonly Ack[] }
  | { kind: 'failed'; reason: string }

/**
 * Notes what came of sending a wake. If it is not the current one any more, or a worker was heard of
 * meanwhile, a failure or a mere receipt says nothing new.
 */
export function noteSending(
  stored: Subscription,
  wakeId: string,
  outcome: SendOutcome,
  { startedAt, now, jitter, tails }: SendingMoment,
): Subscription {
  const { wake, configuration } = stored
  if (wake?.id !== wakeId) return stored
  if (outcome.kind === 'done')
    return reportOn({ ...stored, wake }, { ...outcome, done: true }, { now, tails })
  if (wake.sent) return stored
  if (outcome.kind === 'failed') {
    const attempt = (wake.retry?.attempt ?? 0) + 1
    const at = now + retryDelayMs(attempt, jitter)
    return { ...stored, wake: { ...wake, retry: { attempt, at, reason: outcome.reason } } }
  }
  const until = startedAt + configuration.leaseTtlMs
  const lease = configuration.type === 'webhook' ? { holder: WEBHOOK, until } : null
  return { ...stored, wake: { ...wake, sent: true, retry: null, lease } }
}

export interface SendingMoment {
  /** When the wake went out. Times are milliseconds since 1970. */
  startedAt: number
  now: number
  /** A random number in [0, 1). */
  jitter: number
  tails: Tails
}

const WEBHOOK = 'webhook'
