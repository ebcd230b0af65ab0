import { describe, expect, it } from 'vitest'
import { DurableStream, stream, StreamError, type StreamStatus } from '../../src/core/index.ts'
import { commandSilence } from '../support/commanded-silence.ts'
import { eventually } from '../support/eventually.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { aFewTurns, atOnce } from '../support/turns.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const fewTries = { ...backoff, maxAttempts: 2 }

/** A stream of numbers on a real server, and the requests that reach it by `fetch`. */
async function startStream(
  body = '[1,2,3]',
  serverOptions: Parameters<typeof startServer>[0] = {},
): Promise<{ url: string; asked: Request[]; fetch: typeof fetch }> {
  const { url } = await startServer({
    longPollTimeoutMs: 200,
    sseLifetimeMs: 200,
    ...serverOptions,
  })
  const asked: Request[] = []
  return {
    url: await createStream(url, { body }),
    asked,
    fetch: (input, init) => {
      asked.push(new Request(input, init))
      return fetch(input, init)
    },
  }
}

/** No live answer ends before the stream does, however slow the machine is. */
const KEPT_OPEN = { longPollTimeoutMs: 60_000, sseLifetimeMs: 60_000 }

const paramOf = (name: string, { url }: Request): string | null =>
  new URL(url).searchParams.get(name)
const close = (url: string): Promise<Response> => post(url, null, { 'stream-closed': 'true' })

describe('offset', () => {
  it('starts after what was read before, or at the present end', async () => {
    const { url } = await startStream()
    const first = await stream<number>({ url, live: false })
    expect(first.startOffset).toBe('-1')
    await first.json()
    await post(url, '4')

    const { offset } = first
    expect(await (await stream({ url, live: false, offset })).json()).toEqual([4])
    expect(await (await stream({ url, live: false, offset: '' })).json()).toEqual([1, 2, 3, 4])
    const now = await stream({ url, live: false, offset: 'now' })
    expect(await now.json()).toEqual([])
    await post(url, '5')
    expect(await (await stream({ url, live: false, offset: now.offset })).json()).toEqual([5])
  })

  it('is one request with sorted parameters, the same for all who catch up', async () => {
    const { url, asked, fetch } = await startStream()
    const params = { zone: 'b', alpha: 'a' }
    await (await stream({ url, live: true, fetch, params })).json()
    expect(asked.map((request) => new URL(request.url).search)).toEqual([
      '?alpha=a&offset=-1&zone=b',
    ])
  })
})

describe('live', () => {
  it.each([
    [false, [null]],
    [true, [null, 'sse']],
    ['sse', [null, 'sse']],
    ['long-poll', [null, 'long-poll']],
  ] as const)('%s reads by %j, and ends with the stream', async (live, expected) => {
    const { url, asked, fetch } = await startStream(undefined, KEPT_OPEN)
    const response = await stream<number>({ url, live, fetch, connection: 'stream' })
    expect(response.live).toBe(live)
    const items: number[] = []
    response.subscribeJson((arrival) => void items.push(...arrival.items))
    await eventually(() => expect(asked).toHaveLength(expected.length))
    await post(url, '4')
    await close(url)
    await response.closed
    expect(items).toEqual(live ? [1, 2, 3, 4] : [1, 2, 3])
    expect(response.streamClosed).toBe(live !== false)
    expect([...new Set(asked.map((request) => paramOf('live', request)))]).toEqual(expected)
  })

  it('echoes the cursor that the server gave', async () => {
    const { url, asked, fetch } = await startStream()
    const response = await stream<number>({ url, live: 'long-poll', fetch })
    response.subscribeJson(() => undefined)
    await post(url, '4')
    await eventually(() => expect(asked.length).toBeGreaterThan(3))
    const given = response.cursor
    expect(given).toMatch(/^\d+$/)
    await post(url, '5')
    await eventually(() => expect(asked.map((one) => paramOf('cursor', one))).toContain(given))
    response.cancel()
  })
})

describe.each(['headers', 'params'] as const)('%s', (option) => {
  const valueOf = (name: string, request: Request): string | null =>
    option === 'headers' ? request.headers.get(name) : paramOf(name, request)

  it.each(['sse', 'long-poll'] as const)(
    'that are functions are asked again on every request and reconnection (%s)',
    async (live) => {
      const { url, asked, fetch } = await startStream()
      let tokens = 0
      const given = {
        token: async () => `token ${++tokens}`,
        plain: 'always',
        counted: () => `${tokens}`,
        absent: undefined,
      }
      const response = await stream({ url, live, fetch, [option]: given })
      response.subscribeJson(() => undefined)
      // The server ends each live answer after a moment.
      await eventually(() => expect(asked.length).toBeGreaterThanOrEqual(4))
      response.cancel()
      const first = asked.slice(0, 4)
      const numbers = [1, 2, 3, 4]
      expect(first.map((one) => valueOf('token', one))).toEqual(numbers.map((n) => `token ${n}`))
      expect(first.map((one) => valueOf('plain', one))).toEqual(numbers.map(() => 'always'))
      expect(valueOf('absent', first[0]!)).toBeNull()
    },
  )

  it('of one read stand above those of the handle', async () => {
    const { url, asked, fetch } = await startStream()
    const handle = new DurableStream({ url, fetch, [option]: { who: 'handle', kept: 'yes' } })
    await (await handle.stream({ live: false, [option]: { who: 'read' } })).json()
    expect(valueOf('who', asked[0]!)).toBe('read')
    expect(valueOf('kept', asked[0]!)).toBe('yes')
  })

  it('whose function fails for a moment are asked again', async () => {
    const { url, asked, fetch } = await startStream()
    let calls = 0
    const token = async (): Promise<string> => {
      if (++calls < 3) throw new TypeError('Failed to fetch')
      return 'token'
    }
    const response = await stream({ url, live: false, fetch, backoff, [option]: { token } })
    expect(await response.json()).toEqual([1, 2, 3])
    expect(asked.map((one) => valueOf('token', one))).toEqual(['token'])
  })

  it('whose function says that it is over end the reading with what it said', async () => {
    const { url, asked, fetch } = await startStream()
    const signedOut = new StreamError('unauthorized', 'Signed out')
    const token = (): never => {
      throw signedOut
    }
    await expect(stream({ url, fetch, backoff, [option]: { token } })).rejects.toBe(signedOut)
    expect(asked).toHaveLength(0)
  })
})

describe('onStatus', () => {
  it('tells of each change, once', async () => {
    const { url } = await startStream()
    const told: StreamStatus['kind'][] = []
    let isOff = false
    const flaky: typeof fetch = (input, init) =>
      isOff ? Promise.reject(new TypeError('offline')) : fetch(input, init)
    const onStatus = (status: StreamStatus): void => {
      told.push(status.kind)
      if (status.kind === 'offline') isOff = false
    }
    const response = await stream({ url, live: 'long-poll', fetch: flaky, backoff, onStatus })
    response.subscribeJson(() => undefined)
    await eventually(() => expect(told).toContain('live'))
    isOff = true
    await eventually(() => expect(told).toContain('offline'))
    await eventually(() => expect(told.at(-1)).toBe('live'))
    await close(url)
    await response.closed
    expect(told).toEqual(['connecting', 'live', 'offline', 'connecting', 'live', 'closed'])
  })

  it.each([
    ['live', true],
    ['idle', false],
    ['closed', false],
  ] as const)('that throws loses nothing (at %s)', async (kind, live) => {
    const { url } = await startStream()
    if (kind === 'closed') await close(url)
    const failure = new Error('The listener failed')
    const onStatus = (status: StreamStatus): void => {
      if (status.kind === kind) throw failure
    }
    // It may end the reading, if it says so.
    const items = await stream({ url, live, backoff, onStatus }).then(
      (response) => response.json(),
      (error: unknown) => error,
    )
    expect(items).toMatchObject({ code: 'invalid', cause: failure })
  })
})

describe('backoff', () => {
  it('says how often a call is tried', async () => {
    let calls = 0
    const down: typeof fetch = () => (calls++, Promise.reject(new TypeError('refused')))
    const options = { url: 'http://127.0.0.1/a', fetch: down }
    await expect(stream({ ...options, backoff: fewTries })).rejects.toMatchObject({
      name: 'FetchError',
      code: 'disconnected',
      retryable: true,
    })
    expect(calls).toBe(2)
    const handle = new DurableStream({ ...options, backoff: fewTries })
    await expect(handle.stream({ backoff: { maxAttempts: 3 } })).rejects.toThrow('no whole answer')
    expect(calls).toBe(5)
    await expect(handle.read()).rejects.toMatchObject({ code: 'disconnected' })
    expect(calls).toBe(7)
  })
})

describe('cache', () => {
  it('is passed on to fetch for what is read of the past', async () => {
    const { url } = await startStream()
    const asked: (RequestCache | undefined)[] = []
    const noting: typeof fetch = (input, init) => {
      asked.push(init?.cache)
      return fetch(input, init)
    }
    await (await stream({ url, live: false, fetch: noting, cache: 'no-cache' })).json()
    await (await stream({ url, live: false, fetch: noting })).json()
    expect(asked).toEqual(['no-cache', undefined])
  })
})

describe('timeoutMs', () => {
  it('counts a server that says nothing as lost', async () => {
    const { url } = await startStream()
    const passInSilence = commandSilence()
    let calls = 0
    const slow: typeof fetch = (input, init) => {
      if (++calls > 1) return fetch(input, init)
      queueMicrotask(() => passInSilence(30))
      return new Promise((_, reject) => {
        init!.signal!.addEventListener('abort', () => reject(init!.signal!.reason as Error))
      })
    }
    const response = await stream({ url, live: false, fetch: slow, timeoutMs: 20, backoff })
    expect(await response.json()).toEqual([1, 2, 3])
    expect(calls).toBe(2)
  })
})

describe('a callback that takes its time', () => {
  it.each(['sse', 'long-poll'] as const)('is waited for, and is not silence (%s)', async (live) => {
    const { url, asked, fetch } = await startStream('[1]', KEPT_OPEN)
    const passInSilence = commandSilence()
    let running = 0
    const items: unknown[] = []
    const response = await stream({ url, live, fetch, timeoutMs: 100 })
    response.subscribeJson(async (arrival) => {
      expect(running++).toBe(0)
      passInSilence(60_000)
      await aFewTurns()
      items.push(...arrival.items)
      running--
    })
    await post(url, '2')
    await post(url, '3')
    await close(url)
    await response.closed
    expect(items).toEqual([1, 2, 3])
    // What is stored, then one connection: none was given up meanwhile.
    expect(asked.length).toBeLessThanOrEqual(live === 'sse' ? 2 : 4)
  })
})

describe('signal', () => {
  it.each(['a token', 'a fetch'])('ends the reading although %s never comes', async (what) => {
    const { url } = await startStream()
    const never = new Promise<never>(() => undefined)
    const controller = new AbortController()
    const { signal } = controller
    const reading =
      what === 'a token'
        ? stream({ url, signal, headers: { token: () => never } })
        : stream({ url, signal, fetch: () => never })
    reading.catch(() => undefined)
    await aFewTurns()
    controller.abort('left')
    expect(await atOnce(reading)).toEqual({ status: 'rejected', reason: 'left' })
  })

  it('ends the reading with its reason, and `closed` without a fault', async () => {
    const { url } = await startStream()
    const controller = new AbortController()
    const response = await stream<number>({ url, signal: controller.signal })
    const reader = response.jsonStream().getReader()
    expect((await reader.read()).value).toBe(1)
    controller.abort('left')
    await response.closed
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toBe('left')
  })
})
