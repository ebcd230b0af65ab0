import { describe, expect, it } from 'vitest'
import { DurableStream, stream, type StreamStatus } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { seededRandom } from '../support/faulty-fetch.ts'
import { type Exchange, reset, send, startFaultyServer } from '../support/faulty-server.ts'
import {
  answerItems,
  controlEvent,
  openEvents,
  standingHeaders,
} from '../support/stream-answers.ts'
import { atOnce } from '../support/turns.ts'

type Behave = (exchange: Exchange) => unknown

const liveOf = ({ url }: Exchange): string | null => url.searchParams.get('live')

/** Says what it said before, at once, whatever it is asked. */
const again: Behave = ({ res }) => answerItems(res, [], { next: '5' })

const FAULTS: Record<string, Behave> = {
  'a stale answer': again,
  'a stale answer that is not the end': ({ res }) =>
    answerItems(res, [], { next: '5', upToDate: false }),
  'an empty long-poll': ({ res }) => answerItems(res, [], { next: '5', status: 204 }),
  'an event stream that ends at once': ({ res }) => {
    openEvents(res)
    res.end()
  },
  'an event stream of one event': ({ res }) => {
    openEvents(res)
    res.end(controlEvent({ next: '5' }))
  },
  'a reset': ({ res }) => reset(res),
  'a reset within an event stream': async ({ res }) => {
    openEvents(res)
    await send(res, controlEvent({ next: '5' }))
    reset(res)
  },
  'a cut body': async ({ res }) => {
    res.writeHead(200, { ...standingHeaders({ next: '6' }), 'content-length': 9 })
    await send(res, '[1')
    reset(res)
  },
  'an error of the server': ({ res }) => res.writeHead(503).end(),
  'a limit that is over at once': ({ res }) => res.writeHead(429, { 'retry-after': '0' }).end(),
  'a page of somebody else': ({ res }) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<p>Sign in'),
}

/**
 * The most requests that a reader makes within a second, of its first `count`, or of a second and a
 * half from where it tried again.
 */
async function requestsPerSecond(
  behave: Behave,
  live: true | 'sse' | 'long-poll',
  count = 30,
): Promise<number> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const { url, asked } = await startFaultyServer((exchange) => {
    if (exchange.count >= count) controller.abort()
    if (exchange.count === 2) timer = setTimeout(() => controller.abort(), 1500)
    return behave(exchange)
  })
  // Somebody who never gives up.
  const onError = (): object => ({})
  const options = { url, live, onError, signal: controller.signal }
  await stream(options)
    .then((response) => {
      response.subscribeJson(() => undefined)
      return response.closed
    })
    .catch(() => undefined)
  clearTimeout(timer)
  // It did try again.
  expect(asked.length).toBeGreaterThan(2)
  const times = asked.map(({ at }) => at)
  return Math.max(
    ...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length),
  )
}

/** As many as are allowed, and one that was late by a little. */
const AT_MOST = 11

describe('a reader does not storm', () => {
  it.concurrent.each(
    Object.keys(FAULTS).flatMap((fault) => [[fault, true] as const, [fault, 'long-poll'] as const]),
  )('a server that always answers %s (live: %s)', async (fault, live) => {
    expect(await requestsPerSecond(FAULTS[fault]!, live)).toBeLessThanOrEqual(AT_MOST)
  })

  it.concurrent.each([
    ['a stale answer', 'a reset'],
    ['a stale answer', 'an error of the server'],
    ['a stale answer', 'a reset within an event stream'],
    ['a stale answer', 'a page of somebody else'],
    ['an event stream of one event', 'a stale answer'],
    ['a cut body', 'an empty long-poll'],
  ])('a server that answers %s and %s by turns', async (one, other) => {
    const behave: Behave = (exchange) =>
      exchange.count % 2 === 0 ? FAULTS[one]!(exchange) : FAULTS[other]!(exchange)
    expect(await requestsPerSecond(behave, true)).toBeLessThanOrEqual(AT_MOST)
  })

  it.concurrent.each([true, 'sse', 'long-poll'] as const)(
    'a server whose every live answer is cut, and whose plain ones are fine (live: %s)',
    async (live) => {
      const behave: Behave = (exchange) =>
        liveOf(exchange) ? reset(exchange.res) : again(exchange)
      expect(await requestsPerSecond(behave, live)).toBeLessThanOrEqual(AT_MOST)
    },
  )

  it.concurrent.each([1, 2, 3, 4])('a server of any mix of faults (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const faults = Object.values(FAULTS)
    const behave: Behave = (exchange) => faults[Math.floor(random() * faults.length)]!(exchange)
    expect(await requestsPerSecond(behave, true)).toBeLessThanOrEqual(AT_MOST)
  })
})

describe('Retry-After', () => {
  it.each([
    ['2592000', 'seconds that overflow a timer'],
    ['99999999999999999999', 'seconds without end'],
    [new Date(Date.now() + 2_592_000_000).toUTCString(), 'a date in a month'],
  ])('%s (%s) is waited for, but a minute at most', async (retryAfter) => {
    const { url, asked } = await startFaultyServer(({ res }) =>
      res.writeHead(503, { 'retry-after': retryAfter }).end(),
    )
    const controller = new AbortController()
    const told: StreamStatus[] = []
    const backoff = { maxTotalMs: Infinity, maxAttempts: Infinity }
    const onStatus = (status: StreamStatus): void => void told.push(status)
    const reading = stream({ url, signal: controller.signal, backoff, onStatus })
    reading.catch(() => undefined)

    const offline = await eventually(() => {
      const found = told.find((status) => status.kind === 'offline')
      if (!found) throw new Error('not offline yet')
      return found
    })
    const waitMs = offline.retryAt - Date.now()
    expect(waitMs).toBeGreaterThan(30_000)
    expect(waitMs).toBeLessThanOrEqual(60_000)

    controller.abort('left')
    expect(await atOnce(reading)).toEqual({ status: 'rejected', reason: 'left' })
    expect(asked).toHaveLength(1)
  })

  it.each(['soon', '-5', '1e9', '', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    '"%s" asks for no wait of its own',
    async (retryAfter) => {
      const { url, asked } = await startFaultyServer(({ count, res }) =>
        count === 0
          ? res.writeHead(503, { 'retry-after': retryAfter }).end()
          : answerItems(res, [1], { next: '1' }),
      )
      const response = await stream({ url, live: false, backoff: { firstDelayMs: 1 } })
      expect(await response.json()).toEqual([1])
      expect(asked).toHaveLength(2)
    },
  )
})

describe('a call', () => {
  const backoff = { firstDelayMs: 1, maxDelayMs: 1, maxAttempts: 3 }
  const calls: Record<string, (url: string) => Promise<unknown>> = {
    stream: (url) => stream({ url, backoff }),
    read: (url) => new DurableStream({ url, backoff }).read(),
    head: (url) => new DurableStream({ url, backoff }).head(),
    create: (url) => new DurableStream({ url, backoff }).create(),
    append: (url) => new DurableStream({ url, backoff, contentType: 'text/plain' }).append('a'),
    close: (url) => new DurableStream({ url, backoff, contentType: 'text/plain' }).close(),
    delete: (url) => new DurableStream({ url, backoff }).delete(),
  }
  const statuses = [400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 451, 501]

  it.each(Object.keys(calls))('of %s is tried once when trying again cannot help', async (name) => {
    for (const status of statuses) {
      const { url, asked } = await startFaultyServer(({ res }) => res.writeHead(status).end())
      await expect(calls[name]!(url), `${status}`).rejects.toMatchObject({
        name: expect.stringContaining('Error'),
        status,
        retryable: false,
      })
      expect(asked, `${status}`).toHaveLength(1)
    }
  })

  it.each(Object.keys(calls))('of %s is tried a few times when it may help', async (name) => {
    for (const status of [408, 425, 429, 500, 502, 503, 504, 599]) {
      const { url, asked } = await startFaultyServer(({ res }) => res.writeHead(status).end())
      await expect(calls[name]!(url), `${status}`).rejects.toMatchObject({ status })
      expect(asked, `${status}`).toHaveLength(3)
    }
    const { url, asked } = await startFaultyServer(({ res }) => reset(res))
    await expect(calls[name]!(url)).rejects.toMatchObject({ code: 'disconnected' })
    expect(asked).toHaveLength(3)
  })

  it('does not go on longer than it was given', async () => {
    const { url, asked } = await startFaultyServer(({ res }) =>
      res.writeHead(503, { 'retry-after': '30' }).end(),
    )
    // The next try would begin after it.
    const reading = stream({ url, backoff: { maxTotalMs: 1000, maxAttempts: Infinity } })
    await expect(reading).rejects.toMatchObject({ code: 'unavailable', status: 503 })
    expect(asked).toHaveLength(1)
  })
})
