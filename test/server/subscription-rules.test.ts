import { expect, it } from 'vitest'
import {
  applyAcks,
  followStreams,
  isPending,
  type Tails,
} from '../../dev-server/subscriptions/links.ts'
import { retryDelayMs } from '../../dev-server/subscriptions/retry-delay.ts'
import {
  claimWake,
  expireLease,
  isCurrent,
  issueWake,
  noteSending,
} from '../../dev-server/subscriptions/wake.ts'
import type { Subscription, Wake } from '../../dev-server/subscriptions/subscription.ts'

const WAKE: Wake = { id: 'w', sent: false, lease: null, retry: null }
const TAILS: Tails = new Map([['a', { streamId: 'A', position: 7 }]])

function subscription(init: Partial<Subscription> = {}): Subscription {
  return {
    configuration: {
      type: 'webhook',
      pattern: '*',
      streams: [],
      webhookUrl: 'https://worker.example/',
      wakeStream: null,
      leaseTtlMs: 1_000,
      description: null,
    },
    origin: '',
    createdAt: 0,
    links: [{ path: 'a', explicit: false, acked: 3, streamId: 'A' }],
    generation: 4,
    revision: 9,
    wake: null,
    ...init,
  }
}

it('issues a wake when there is work and none is under way', () => {
  const before = subscription()
  const awake = issueWake(before, 'w', TAILS)
  expect(awake).toMatchObject({ generation: 5, wake: WAKE })
  expect(issueWake(awake, 'x', TAILS)).toBe(awake)
  const done = subscription({ links: applyAcks(before, [{ path: 'a', position: 7 }], TAILS) })
  expect(issueWake(done, 'w', TAILS)).toBe(done)
})

it.each([
  ['bytes past the cursor', 'A', 3, true],
  ['nothing past the cursor', 'A', 7, false],
  ['a stream by the same name', 'old', 100, true],
  ['a stream that was not there before', null, 0, true],
])('sees work in %s', (_name, streamId, acked, pending) => {
  expect(isPending({ path: 'a', explicit: false, acked, streamId }, TAILS)).toBe(pending)
})

it('changes nothing for streams that are as they were, or that nobody looked at', () => {
  const before = subscription()
  expect(followStreams(before, TAILS)).toBe(before)
  expect(followStreams(before, new Map())).toBe(before)
})

it('knows the current wake by its id, its generation and its time', () => {
  const lease = { holder: 'w1', until: 100 }
  const held = subscription({ wake: { ...WAKE, sent: true, lease } })
  expect(isCurrent(held, { wakeId: 'w', generation: 4 }, 99)).toBe(true)
  expect(isCurrent(held, { wakeId: 'x', generation: 4 }, 99)).toBe(false)
  expect(isCurrent(held, { wakeId: 'w', generation: 3 }, 99)).toBe(false)
  expect(isCurrent(held, { wakeId: 'w', generation: 4 }, 100)).toBe(false)
  expect(expireLease(held, 99)).toBe(held)
  expect(expireLease(held, 100).wake).toBeNull()
  expect(claimWake(held, 'w2', { now: 99, wakeId: 'y', tails: TAILS }).kind).toBe('held')
  expect(claimWake(held, 'w2', { now: 100, wakeId: 'y', tails: TAILS })).toMatchObject({
    kind: 'claimed',
    subscription: { generation: 5, wake: { id: 'y', lease: { holder: 'w2', until: 1_100 } } },
  })
})

it('lets a failure say nothing of a wake that is over, or that a worker is at', () => {
  const moment = { startedAt: 0, now: 0, jitter: 0.5, tails: TAILS }
  const failed = { kind: 'failed', reason: 'answered 500' } as const
  const waiting = subscription({ wake: WAKE })
  expect(noteSending(waiting, 'w', failed, moment).wake).toEqual({
    ...WAKE,
    retry: { attempt: 1, at: 1_000, reason: 'answered 500' },
  })
  expect(noteSending(waiting, 'earlier', failed, moment)).toBe(waiting)
  const lease = { holder: 'webhook', until: 100 }
  const heard = subscription({ wake: { ...WAKE, sent: true, lease } })
  expect(noteSending(heard, 'w', failed, moment)).toBe(heard)
  expect(noteSending(heard, 'w', { kind: 'taken' }, moment)).toBe(heard)
})

it('counts the lease of a webhook from when it was called', () => {
  const moment = { startedAt: 50, now: 900, jitter: 0.5, tails: TAILS }
  const taken = noteSending(subscription({ wake: WAKE }), 'w', { kind: 'taken' }, moment)
  expect(taken.wake).toMatchObject({ sent: true, lease: { until: 1_050 } })
})

it.each([
  [1, 0, 800],
  [1, 1, 1_200],
  [6, 0.5, 32_000],
  [7, 0, 48_000],
  [7, 1, 72_000],
  [5_000, 0.5, 60_000],
])('waits after failure %i, with chance %d, for %d ms', (failures, jitter, delayMs) => {
  expect(retryDelayMs(failures, jitter)).toBe(delayMs)
})
