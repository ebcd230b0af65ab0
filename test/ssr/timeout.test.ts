import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StreamError } from 'streamwell'
import {
  createSsrStateCache,
  type LoadedStream,
  loadStreamWithReducer,
  type LoadStreamOptions,
} from 'streamwell/ssr'
import { act, sum } from './site.ts'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
})

afterEach(() => {
  vi.useRealTimers()
})

type Answer = Response | 'hangs' | 'refused'

/** A server that answers by a script; the last answer again and again. */
function scripted(...answers: (() => Answer)[]): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async fetch(input) {
      asked.push(new URL(String(input)).searchParams.get('offset')!)
      const answer = (answers.length > 1 ? answers.shift()! : answers[0]!)()
      if (answer === 'refused') throw new TypeError('connect ECONNREFUSED')
      if (answer === 'hangs') return new Promise<never>(() => {})
      return answer
    },
  }
}

function page(events: unknown[], offset: string, isLast = true): () => Response {
  const headers = {
    'content-type': 'application/json',
    'stream-next-offset': offset,
    ...(isLast && { 'stream-up-to-date': 'true' }),
  }
  return () => new Response(JSON.stringify(events), { headers })
}

const hangs = (): Answer => 'hangs'
const refused = (): Answer => 'refused'
const busy = (): Answer => new Response('busy', { status: 503 })

function loader(
  fetch: typeof globalThis.fetch,
): (options?: Partial<LoadStreamOptions<number, number>>) => Promise<LoadedStream<number>> {
  const cache = createSsrStateCache()
  return (options) =>
    loadStreamWithReducer({
      serverUrl: 'https://streams.test/v1/stream',
      path: 'sum',
      ...sum,
      fetch,
      cache,
      ...options,
    })
}

/** What became of a promise by now. */
function watched(promise: Promise<unknown>): { now: () => Promise<unknown> } {
  let outcome: unknown = 'waits'
  promise.then(
    (value) => (outcome = value),
    (error) => (outcome = error),
  )
  return {
    async now() {
      await vi.advanceTimersByTimeAsync(0)
      return outcome
    },
  }
}

describe('a server that does not answer', () => {
  it('is waited for for five seconds', async () => {
    const load = watched(loader(scripted(hangs).fetch)())
    await vi.advanceTimersByTimeAsync(4_999)
    expect(await load.now()).toBe('waits')
    await vi.advanceTimersByTimeAsync(1)
    expect(await load.now()).toMatchObject({
      name: 'StreamError',
      code: 'timeout',
      message:
        '"sum" was not loaded from https://streams.test/v1/stream in 5000 ms ' +
        '(raise timeoutMs; onTimeout: "stale" gives what was known)',
    })
  })

  it('is waited for for as long as the caller says', async () => {
    const load = watched(loader(scripted(hangs).fetch)({ timeoutMs: 200 }))
    await vi.advanceTimersByTimeAsync(199)
    expect(await load.now()).toBe('waits')
    await vi.advanceTimersByTimeAsync(1)
    expect(await load.now()).toMatchObject({ code: 'timeout' })
  })

  it('leaves the state that was known, if the page likes that better', async () => {
    const load = loader(scripted(page([act(1), act(2)], '0002'), hangs).fetch)
    expect(await load()).toMatchObject({ state: 3 })
    const stale = watched(load({ onTimeout: 'stale' }))
    const strict = watched(load())
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await stale.now()).toEqual({
      path: 'sum',
      kind: 'action',
      state: 3,
      version: 'untagged-2',
      untagged: 2,
      offset: '0002',
      stale: true,
    })
    expect(await strict.now()).toMatchObject({ code: 'timeout' })
  })

  it('is an error when nothing was known', async () => {
    const load = watched(loader(scripted(hangs).fetch)({ onTimeout: 'stale' }))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await load.now()).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('nothing was known before'),
    })
  })

  it('leaves no state to one who cannot say who he is', async () => {
    const load = loader(scripted(page([act(1)], '0001'), hangs).fetch)
    await load()
    const headers = { authorization: () => new Promise<string>(() => {}) }
    const stale = watched(load({ onTimeout: 'stale', headers }))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await stale.now()).toMatchObject({ code: 'timeout' })
  })

  it('is waited for without end, if the caller says so', async () => {
    const load = watched(loader(scripted(hangs).fetch)({ timeoutMs: Infinity }))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await load.now()).toBe('waits')
  })

  it('leaves no timer behind, whatever became of it', async () => {
    const load = loader(scripted(page([act(1)], '0001'), hangs).fetch)
    await load()
    expect(vi.getTimerCount()).toBe(0)
    watched(load())
    await vi.advanceTimersByTimeAsync(5_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe.each([
  ['refuses', refused, 'ECONNREFUSED'],
  ['is busy', busy, 'answered 503 (busy)'],
])('a server that %s', (_, fails, words) => {
  it('is asked again until the time is up, and the error says why', async () => {
    const { fetch, asked } = scripted(fails)
    const load = watched(loader(fetch)())
    await vi.advanceTimersByTimeAsync(4_999)
    expect(await load.now()).toBe('waits')
    expect(asked.length).toBeGreaterThan(3)
    await vi.advanceTimersByTimeAsync(1)
    expect(await load.now()).toMatchObject({
      code: 'timeout',
      message: expect.stringContaining(words),
      cause: expect.any(StreamError),
    })
    const tries = asked.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked.length).toBe(tries)
  })

  it('is waited for when it comes back in time', async () => {
    const { fetch, asked } = scripted(fails, fails, page([act(4)], '0001'))
    const load = watched(loader(fetch)())
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await load.now()).toMatchObject({ state: 4 })
    expect(asked).toEqual(['-1', '-1', '-1'])
  })

  it('leaves the state that was known, as one that is slow', async () => {
    const load = loader(scripted(page([act(1)], '0001'), fails).fetch)
    await load()
    const stale = watched(load({ onTimeout: 'stale', timeoutMs: 500 }))
    await vi.advanceTimersByTimeAsync(500)
    expect(await stale.now()).toMatchObject({ state: 1, stale: true })
  })

  it('is found well by the next request, which has the new state', async () => {
    const load = loader(scripted(page([act(1)], '0001'), fails, page([act(5)], '0002')).fetch)
    await load()
    const stale = watched(load({ onTimeout: 'stale', timeoutMs: 1 }))
    await vi.advanceTimersByTimeAsync(1)
    expect(await stale.now()).toMatchObject({ state: 1, stale: true })
    const next = watched(load({ onTimeout: 'stale' }))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await next.now()).toMatchObject({ state: 6 })
    expect(await next.now()).not.toHaveProperty('stale')
  })
})

describe('a history that takes longer than one request may', () => {
  it('is gone on with by the next request', async () => {
    const { fetch, asked } = scripted(
      page([act(1)], '0001', false),
      page([act(2)], '0002', false),
      hangs,
      page([act(3)], '0003'),
    )
    const load = loader(fetch)
    const first = watched(load())
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await first.now()).toMatchObject({ code: 'timeout' })
    expect(await load()).toMatchObject({ state: 6, offset: '0003' })
    expect(asked).toEqual(['-1', '0001', '0002', '0002'])
  })

  it('is not shown by half, not even as stale', async () => {
    const load = loader(scripted(page([act(1)], '0001', false), hangs).fetch)
    for (let n = 0; n < 2; n++) {
      const stale = watched(load({ onTimeout: 'stale' }))
      await vi.advanceTimersByTimeAsync(5_000)
      expect(await stale.now()).toMatchObject({ code: 'timeout' })
    }
  })

  it('leaves what came of it on top of a state that was whole', async () => {
    const load = loader(
      scripted(page([act(1)], '0001'), page([act(2)], '0002', false), hangs).fetch,
    )
    await load()
    for (const state of [1, 3]) {
      const stale = watched(load({ onTimeout: 'stale' }))
      await vi.advanceTimersByTimeAsync(5_000)
      expect(await stale.now()).toMatchObject({ state, stale: true })
    }
  })
})
