import type { IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
import { commandSilence } from '../support/commanded-silence.ts'
import { eventually } from '../support/eventually.ts'
import { type Exchange, send, startFaultyServer } from '../support/faulty-server.ts'
import { createStream, post, startServer } from '../support/server.ts'
import {
  answerItems,
  controlEvent,
  dataEvent,
  openEvents,
  standingHeaders,
} from '../support/stream-answers.ts'
import { aFewTurns } from '../support/turns.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const liveOf = ({ url }: Exchange): string | null => url.searchParams.get('live')

/** What stands between a reader and a real server, and makes event streams useless. */
const PROXIES: Record<string, (exchange: Exchange) => unknown> = {
  'ends each event stream at once': async (exchange) => {
    const answer = await exchange.open()
    answer.destroy()
    exchange.res.writeHead(200, answer.headers).end()
  },
  'ends each event stream after its first event': async (exchange) => {
    const answer = await exchange.open()
    exchange.res.writeHead(200, answer.headers)
    for await (const chunk of answer) {
      exchange.res.end(chunk)
      return
    }
  },
  'cuts each event stream at once': async ({ res }) => {
    openEvents(res)
    await send(res, ': hello\n\n')
    res.socket?.resetAndDestroy()
  },
  'keeps event streams back until they end': async (exchange) => {
    const answer = await exchange.open()
    exchange.res.end(await buffer(answer))
  },
  'passes on the head of an event stream, and keeps back the rest': async (exchange) => {
    const answer = await exchange.open()
    exchange.res.writeHead(200, answer.headers).flushHeaders()
    exchange.res.end(await buffer(answer))
  },
  'refuses event streams': ({ res }) => res.writeHead(406).end(),
  'answers event streams with a page of its own': ({ res }) =>
    res.writeHead(200, { 'content-type': 'text/html' }).end('<p>Not here.</p>'),
}

describe.each(Object.keys(PROXIES))('behind a proxy that %s', (name) => {
  it('a reader goes over to long-poll, and gets everything as it comes', async () => {
    const { url: origin } = await startServer()
    const target = await createStream(origin, { body: '[0]' })
    const { url, asked } = await startFaultyServer(
      (exchange) => (liveOf(exchange) === 'sse' ? PROXIES[name]!(exchange) : exchange.forward()),
      target,
    )
    const items: unknown[] = []
    const response = await stream({ url, live: true, backoff, timeoutMs: 200 })
    response.subscribeJson((arrival) => void items.push(...arrival.items))

    for (let n = 1; n <= 3; n++) {
      await eventually(() => expect(items).toHaveLength(n))
      await post(target, `${n}`)
    }
    await eventually(() => expect(items).toEqual([0, 1, 2, 3]))
    // Each of these may come by the plain read that follows a failure; in the end it must be live.
    await eventually(() => expect(liveOf(asked.at(-1)!)).toBe('long-poll'))
    const before = asked.length
    await post(target, '4')
    await post(target, null, { 'stream-closed': 'true' })
    await response.closed
    expect(items).toEqual([0, 1, 2, 3, 4])
    expect(response.streamClosed).toBe(true)
    expect(asked.slice(before).map(liveOf)).not.toContain('sse')
  })
})

describe('a server that falls silent', () => {
  it('before it answers counts as lost, and the call ends with an error', async () => {
    const { url, asked } = await startFaultyServer(() => passInSilence(75))
    const passInSilence = commandSilence()
    const reading = stream({ url, timeoutMs: 50, backoff: { ...backoff, maxAttempts: 3 } })
    await expect(reading).rejects.toMatchObject({ retryable: true })
    expect(asked).toHaveLength(3)
  })

  it('in the middle of a body is asked again', async () => {
    const { url, asked } = await startFaultyServer(async ({ count, res }) => {
      if (count > 0) return answerItems(res, [1, 2], { next: '2' })
      res.writeHead(200, { ...standingHeaders({ next: '2' }), 'content-length': 5 })
      await send(res, '[1')
      await aFewTurns()
      passInSilence(75)
    })
    const passInSilence = commandSilence()
    const response = await stream({ url, live: false, timeoutMs: 50, backoff })
    expect(await response.json()).toEqual([1, 2])
    expect(asked).toHaveLength(2)
  })

  it.each(['sse', 'long-poll'] as const)('in a live answer is asked again (%s)', async (live) => {
    let silent = 0
    const { url } = await startFaultyServer(async (exchange) => {
      const { res } = exchange
      const offset = Number(exchange.url.searchParams.get('offset'))
      if (!liveOf(exchange))
        return answerItems(res, [1, 2].slice(Math.max(0, offset)), { next: '2' })
      if (silent++ < 2) {
        // Data without its control event is not whole yet.
        if (live === 'sse') openEvents(res)
        if (live === 'sse') await send(res, dataEvent([3]))
        await aFewTurns()
        return passInSilence(75)
      }
      if (live === 'long-poll') return answerItems(res, [3], { next: '3', closed: true })
      openEvents(res)
      res.end(dataEvent([3]) + controlEvent({ next: '3', closed: true }))
    })
    const passInSilence = commandSilence()
    const items: unknown[] = []
    for await (const item of new DurableStream({ url, timeoutMs: 50, backoff }).json({ live })) {
      items.push(item)
    }
    expect(items).toEqual([1, 2, 3])
    expect(silent).toBe(3)
  })
})

describe('a cache', () => {
  it('that gives an old end of the stream for ever is made up for by what is live', async () => {
    const { url: origin } = await startServer()
    const target = await createStream(origin, { body: '[1]' })
    const cached = new Map<string, { headers: IncomingHttpHeaders; body: Buffer }>()
    const { url } = await startFaultyServer(async (exchange) => {
      if (liveOf(exchange)) return exchange.forward()
      const { search } = exchange.url
      if (!cached.has(search)) {
        const answer = await exchange.open()
        cached.set(search, { headers: answer.headers, body: await buffer(answer) })
      }
      const { headers, body } = cached.get(search)!
      exchange.res.writeHead(200, headers).end(body)
    }, target)
    expect(await (await stream({ url, live: false })).json()).toEqual([1])
    await post(target, '[2,3]')
    await post(target, null, { 'stream-closed': 'true' })

    const items: unknown[] = []
    for await (const item of new DurableStream({ url, backoff }).json()) items.push(item)
    expect(items).toEqual([1, 2, 3])
  })

  it('that gives old answers to new questions repeats nothing', async () => {
    const { url: origin } = await startServer()
    const target = await createStream(origin, { body: '[1,2]' })
    const old: { headers: IncomingHttpHeaders; body: Buffer }[] = []
    let given = 0
    const { url } = await startFaultyServer(async (exchange) => {
      // Once there are two, one is from before where the reader is, the other leads just there.
      if (old.length === 2 && given < 6) {
        const { headers, body } = old[given++ % 2]!
        return exchange.res.writeHead(200, headers).end(body)
      }
      const answer = await exchange.open()
      const body = await buffer(answer)
      if (answer.statusCode === 200) old.push({ headers: answer.headers, body })
      exchange.res.writeHead(answer.statusCode!, answer.headers).end(body)
    }, target)
    const items: unknown[] = []
    const response = await stream({ url, live: 'long-poll', backoff })
    response.subscribeJson((arrival) => void items.push(...arrival.items))
    await post(target, '[3]')
    await eventually(() => expect(given).toBe(6))
    await post(target, '[4]')
    await post(target, null, { 'stream-closed': 'true' })
    await response.closed
    expect(items).toEqual([1, 2, 3, 4])
  })

  it('is spared what it gave before: a repeated question asks whether anything changed', async () => {
    const { url: origin } = await startServer()
    const target = await createStream(origin, { body: '[1]' })
    const statuses: number[] = []
    const { url } = await startFaultyServer(async (exchange) => {
      // Each refusal is followed by a plain read, to learn what is wrong.
      if (liveOf(exchange) === 'sse') return exchange.res.writeHead(406).end()
      exchange.res.on('close', () => statuses.push(exchange.res.statusCode))
      return exchange.forward()
    }, target)
    // At the end of the stream, where a plain read brings nothing.
    const { offset } = await new DurableStream({ url: target }).read()
    const items: unknown[] = []
    const reading = { url, offset, live: true, backoff, connection: 'stream' } as const
    const response = await stream(reading)
    response.subscribeJson((arrival) => void items.push(...arrival.items))
    await eventually(() => expect(statuses).toContain(304))
    await post(target, '2')
    await post(target, null, { 'stream-closed': 'true' })
    await response.closed
    expect(items).toEqual([2])
  })

  it('that says "not modified" to who has nothing is asked past', async () => {
    const { url, asked } = await startFaultyServer(({ count, headers, res }) => {
      if (count < 2 && headers['cache-control'] !== 'no-cache') return res.writeHead(304).end()
      answerItems(res, [1], { next: '1' })
    })
    const response = await stream({ url, live: false, backoff })
    expect(await response.json()).toEqual([1])
    expect(asked.length).toBeLessThanOrEqual(3)
  })
})
