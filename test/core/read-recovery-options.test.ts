import { describe, expect, it } from 'vitest'
import { allow, type Authorize, deny } from '../../dev-server/index.ts'
import {
  DurableStream,
  stream,
  type StreamError,
  type StreamOptions,
  type StreamStatus,
} from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { createStream, post, startServer } from '../support/server.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 2 }

/** A stream on a real server, whose live answers end soon. */
async function startStream(body: string): Promise<string> {
  const { url } = await startServer({ longPollTimeoutMs: 200, sseLifetimeMs: 200 })
  return createStream(url, { body })
}

const close = (url: string): Promise<Response> => post(url, null, { 'stream-closed': 'true' })

async function itemsOf(options: StreamOptions): Promise<unknown[]> {
  const items: unknown[] = []
  const { url, ...read } = options
  for await (const item of new DurableStream({ url }).json(read)) items.push(item)
  return items
}

/** A server that wants the newest token: each is good for so many requests. */
async function startGuarded(
  uses: number,
): Promise<{ url: string; renew: () => string; asked: () => number }> {
  let token = 0
  let left = uses
  let asked = 0
  const authorize: Authorize = ({ action, request }) => {
    if (action !== 'read') return allow
    asked++
    const { searchParams } = new URL(request.url)
    const given = request.headers.get('authorization') ?? searchParams.get('token')
    return given === `${token}` && left-- > 0 ? allow : deny(401)
  }
  const { url } = await startServer({ longPollTimeoutMs: 50, authorize })
  const renew = (): string => {
    left = uses
    return `${++token}`
  }
  return { url: await createStream(url, { body: '[1]' }), renew, asked: () => asked }
}

describe('onError', () => {
  it.each(['headers', 'params'] as const)(
    'may give fresh %s, as often as it takes',
    async (kind) => {
      const { url, renew } = await startGuarded(3)
      const errors: StreamError[] = []
      const items: unknown[] = []
      const response = await stream({
        url,
        live: 'long-poll',
        backoff,
        onError: async (error) => {
          errors.push(error)
          const token = renew()
          return kind === 'headers' ? { headers: { authorization: token } } : { params: { token } }
        },
      })
      response.subscribeJson((arrival) => void items.push(...arrival.items))
      await eventually(() => expect(errors.length).toBeGreaterThanOrEqual(3))
      await post(url, '2')
      await close(url)
      await response.closed
      expect(items).toEqual([1, 2])
      expect(errors[0]).toMatchObject({ code: 'unauthorized', status: 401, retryable: false })
    },
  )

  it('that returns nothing lets the error end the reading', async () => {
    const { url, asked } = await startGuarded(1)
    const told: StreamStatus['kind'][] = []
    const onStatus = ({ kind }: StreamStatus): void => void told.push(kind)
    const reading = stream({ url, onError: () => undefined, onStatus })
    await expect(reading).rejects.toMatchObject({ code: 'unauthorized' })
    expect(told).toEqual(['connecting', 'error'])
    expect(asked()).toBe(1)
  })

  it('that fails ends the reading with its own failure', async () => {
    const { url } = await startGuarded(1)
    const failure = new Error('No token to be had')
    const onError = async (): Promise<never> => {
      throw failure
    }
    await expect(stream({ url, onError })).rejects.toBe(failure)
  })

  it('is not asked about what is tried again anyway', async () => {
    const url = await startStream('[1,2,3]')
    let calls = 0
    const flaky: typeof fetch = (input, init) =>
      ++calls < 3 ? Promise.reject(new TypeError('reset')) : fetch(input, init)
    const errors: unknown[] = []
    const onError = (error: unknown): void => void errors.push(error)
    const response = await stream({ url, live: false, fetch: flaky, backoff, onError })
    expect(await response.json()).toEqual([1, 2, 3])
    expect(errors).toEqual([])
  })
})

describe('onReset', () => {
  const long = 'x'.repeat(100)

  it.each([true, 'sse', 'long-poll'] as const)(
    'lets a live reader start over when its stream is made anew (live: %s)',
    async (live) => {
      const url = await startStream(JSON.stringify([long, long]))
      const errors: StreamError[] = []
      let items: unknown[] = []
      let mayAsk: Promise<unknown> = Promise.resolve()
      const response = await stream({
        url,
        live,
        backoff,
        fetch: async (...args) => {
          await mayAsk
          return fetch(...args)
        },
        onReset: (error) => {
          errors.push(error)
          items = []
        },
      })
      response.subscribeJson((arrival) => void items.push(...arrival.items))
      await eventually(() => expect(items).toHaveLength(2))

      // Who asks too often while there is none is told that there is none.
      mayAsk = fetch(url, { method: 'DELETE' }).then(() =>
        fetch(url, {
          method: 'PUT',
          headers: { 'content-type': 'application/json' },
          body: '["anew"]',
        }),
      )
      await eventually(() => expect(items).toEqual(['anew']))
      await post(url, '"more"')
      await close(url)
      await response.closed
      expect(items).toEqual(['anew', 'more'])
      // Who asks while there is none is told of that, too.
      expect(errors.length).toBeGreaterThan(0)
      for (const { code } of errors) expect(code).toMatch(/gone|not-found/)
    },
  )

  it('may name another offset to start over from', async () => {
    const url = await startStream('[1,2]')
    const { offset } = await new DurableStream({ url }).read()
    await post(url, '[3]')
    const beyond = offset.replaceAll(/\d/g, '9')
    expect(
      await itemsOf({ url, live: false, offset: beyond, onReset: async () => offset }),
    ).toEqual([3])
  })

  it('is not needed: without it the reading ends with an error that says so', async () => {
    const url = await startStream('[1,2]')
    const { offset } = await new DurableStream({ url }).read()
    const beyond = offset.replaceAll(/\d/g, '9')
    await expect(itemsOf({ url, live: false, offset: beyond })).rejects.toMatchObject({
      code: 'gone',
    })
    await expect(itemsOf({ url: `${url}/none`, live: false })).rejects.toMatchObject({
      code: 'not-found',
      status: 404,
    })
  })

  it('does not go round for ever when there is no stream', async () => {
    const url = await startStream('[1]')
    let resets = 0
    const none = `${url}/none`
    let calls = 0
    const counting: typeof fetch = (...args) => (calls++, fetch(...args))
    const reading = stream({ url: none, fetch: counting, backoff, onReset: () => void resets++ })
    await expect(reading).rejects.toMatchObject({ code: 'not-found' })
    expect(resets).toBeLessThan(6)
    expect(calls).toBeLessThan(12)
  })

  it('that fails ends the reading with its own failure', async () => {
    const url = await startStream('[1,2,3]')
    const failure = new Error('Cannot start over')
    const onReset = (): never => {
      throw failure
    }
    await expect(stream({ url: `${url}/none`, onReset })).rejects.toBe(failure)
  })
})
