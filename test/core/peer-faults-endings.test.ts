import { fork } from 'node:child_process'
import { getEventListeners, once, setMaxListeners } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { DurableStream, stream, type StreamStatus } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Exchange, send, startFaultyServer } from '../support/faulty-server.ts'
import { createInbox } from '../support/inbox.ts'
import { createStream, startServer } from '../support/server.ts'
import {
  answerItems,
  controlEvent,
  openEvents,
  standingHeaders,
} from '../support/stream-answers.ts'
import { aFewTurns, atOnce } from '../support/turns.ts'

const FORGETFUL = fileURLToPath(new URL('../support/run-forgetful-reader.ts', import.meta.url))

describe('a reader that nobody waits for', () => {
  it.each(['is deleted', 'is closed', 'loses its server'])(
    'does not end the process when its stream %s',
    async (what) => {
      const { url, server } = await startServer({ longPollTimeoutMs: 100, sseLifetimeMs: 100 })
      const target = await createStream(url, { body: '[1,2]' })
      const child = fork(FORGETFUL, [target], {
        execArgv: ['--import', 'tsx', '--unhandled-rejections=strict'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      onTestFinished(() => void child.kill('SIGKILL'))
      const exit = once(child, 'exit')
      const told = createInbox<unknown>()
      child.on('message', (message) => told.put(message))
      let complaints = ''
      child.stderr!.on('data', (text) => (complaints += String(text)))
      expect(await Promise.race([told.next(), exit])).toBe('reading')

      if (what === 'is deleted') await fetch(target, { method: 'DELETE' })
      if (what === 'is closed')
        await fetch(target, { method: 'POST', headers: { 'stream-closed': 'true' } })
      if (what === 'loses its server') await server.stop()
      // A live reader waits for its server for ever; the others come to an end.
      const ends = what === 'loses its server' ? 0 : 6
      for (let end = 0; end < ends; end++) await Promise.race([told.next(), exit])
      child.send('are you there?')
      const [code] = (await exit) as [number | null]
      expect({ code, complaints }).toEqual({ code: 0, complaints: '' })
    },
  )
})

describe('what a callback throws', () => {
  it.each(['while catching up', 'later'])('is told to `closed`, also %s', async (when) => {
    const { url } = await startServer()
    const target = await createStream(url, { body: '[1]' })
    const writer = new DurableStream<number>({ url: target })
    const response = await writer.stream()
    const failure = new Error('The callback failed')
    const seen: number[] = []
    response.subscribeJson(async ({ items }) => {
      seen.push(...items)
      await aFewTurns(1)
      if (seen.length === (when === 'later' ? 2 : 1)) throw failure
    })
    await eventually(() => expect(seen).toEqual([1]))
    await writer.append(2)
    if (when === 'later') await eventually(() => expect(seen).toEqual([1, 2]))
    await writer.append(3)
    await expect(response.closed).rejects.toBe(failure)
    expect(seen).toEqual(when === 'later' ? [1, 2] : [1])
  })
})

/** Moments at which a reader may be told to stop, each with a server that keeps it there. */
const MOMENTS: Record<string, { live: boolean | 'sse' | 'long-poll'; behave: Behave }> = {
  'waits for an answer': { live: false, behave: () => undefined },
  'waits for the rest of a body': {
    live: false,
    behave: ({ res }) => {
      res.writeHead(200, { ...standingHeaders({ next: '9' }), 'content-length': 9 })
      return send(res, '[1')
    },
  },
  'waits to try again': {
    live: false,
    behave: ({ res }) => res.writeHead(503, { 'retry-after': '30' }).end(),
  },
  'follows by long-poll': {
    live: 'long-poll',
    behave: (exchange) => exchange.url.searchParams.has('live') || answerOnce(exchange),
  },
  'follows by events': {
    live: 'sse',
    behave: (exchange) => {
      if (!exchange.url.searchParams.has('live')) return answerOnce(exchange)
      openEvents(exchange.res)
      return send(exchange.res, controlEvent({ next: '1' }))
    },
  },
  'waits since it was told nothing new': { live: 'long-poll', behave: answerOnce },
}

type Behave = (exchange: Exchange) => unknown

function answerOnce({ res }: Exchange): void {
  answerItems(res, [1], { next: '1' })
}

describe.each(Object.keys(MOMENTS))('a reader that %s', (moment) => {
  const { live, behave } = MOMENTS[moment]!

  it.each(['abort', 'cancel'])('ends at once on %s, and asks nothing more', async (how) => {
    const { url, asked } = await startFaultyServer(behave)
    const other = await startFaultyServer(answerOnce)
    const controller = new AbortController()
    const told: StreamStatus['kind'][] = []
    let calls = 0
    let opened: Awaited<ReturnType<typeof stream>> | undefined
    const run = async (): Promise<void> => {
      const { signal } = controller
      const counting: typeof fetch = (...args) => (calls++, fetch(...args))
      const onStatus = ({ kind }: StreamStatus): void => void told.push(kind)
      // Long enough to be seen, short enough that a try too many would come within this test.
      const backoff = { firstDelayMs: 5, maxDelayMs: 5, maxAttempts: Infinity }
      opened = await stream({ url, live, signal, onStatus, backoff, fetch: counting })
      opened.subscribeJson(() => undefined)
      await opened.closed
    }
    const running = run()
    running.catch(() => undefined)
    await eventually(() => expect(asked.length).toBeGreaterThanOrEqual(live ? 2 : 1))
    // Whatever this request brings is there after a few turns.
    await aFewTurns()
    const before = calls
    if (how === 'cancel' && opened) opened.cancel()
    else controller.abort('left')
    const end = await atOnce(running)
    if (end.status === 'rejected') expect(end.reason).toBe('left')
    // What would be asked in its place comes before these.
    for (let n = 0; n < 10; n++) await fetch(other.url)
    expect(calls).toBe(before)
    expect(told.at(-1)).not.toBe('error')
  })
})

describe('a signal', () => {
  const ABORTED = AbortSignal.abort('left before')

  it('that was aborted before lets nothing be asked', async () => {
    const { url, asked } = await startFaultyServer(answerOnce)
    const reader = new DurableStream({ url, contentType: 'application/json' })
    const signal = ABORTED
    const calls = {
      stream: () => stream({ url, signal }),
      read: () => reader.read({ signal }),
      json: () => reader.json({ signal }).next(),
      follow: () => reader.follow({ signal }).next(),
      append: () => reader.append(1, { signal }),
      appendAll: () => reader.appendAll([1], { signal }),
    }
    for (const [name, call] of Object.entries(calls)) {
      await expect(call(), `${name}()`).rejects.toBe('left before')
    }
    expect(asked).toHaveLength(0)
  })

  it('that many share keeps no listener of those who are done', async () => {
    const { url } = await startServer()
    const target = await createStream(url, { body: '[1,2]' })
    const { signal } = new AbortController()
    const reader = new DurableStream<number>({ url: target })
    const refused = await startFaultyServer(({ res }) => res.writeHead(403).end())
    const retried = await startFaultyServer((exchange) =>
      exchange.count % 2 === 0 ? exchange.res.writeHead(503).end() : answerOnce(exchange),
    )
    const backoff = { firstDelayMs: 1 }
    for (let n = 0; n < 5; n++) {
      await (await stream({ url: target, live: false, signal })).json()
      await (await stream({ url: target, signal })).json()
      await reader.read({ signal })
      await reader.append(n, { signal })
      for await (const item of reader.json({ signal })) if (item) break
      const response = await stream({ url: target, signal })
      response.subscribeJson(() => undefined)()
      await response.closed
      ;(await stream({ url: target, signal })).cancel()
      const dropped = (await stream({ url: target, signal })).jsonStream()
      await dropped.cancel()
      await (await stream({ url: retried.url, live: false, signal, backoff })).json()
      await stream({ url: refused.url, signal }).catch(() => undefined)
      await stream({ url: refused.url, signal, onError: () => undefined }).catch(() => undefined)
    }
    await eventually(() => expect(getEventListeners(signal, 'abort')).toHaveLength(0))
  })

  it('that aborts ends all who share it', async () => {
    const { url } = await startServer()
    const target = await createStream(url, { body: '[1,2]' })
    const controller = new AbortController()
    const { signal } = controller
    // One listener for each who reads: many, and no leak.
    setMaxListeners(30, signal)
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => stream({ url: target, signal })),
    )
    for (const response of responses) response.subscribeJson(() => undefined)
    controller.abort('left')
    const ends = await Promise.all(responses.map(({ closed }) => atOnce(closed)))
    expect(ends).toHaveLength(20)
  })
})

describe('many items', () => {
  it.each([1, 5])('250,000 of them come by json(), in %i pages', async (pages) => {
    const all = Array.from({ length: 250_000 }, (_, n) => n)
    const size = all.length / pages
    const { url } = await startFaultyServer(({ url: { searchParams }, res }) => {
      const page = Math.max(0, Number(searchParams.get('offset')))
      const next = page + 1
      const items = all.slice(page * size, next * size)
      answerItems(res, items, { next: `${next}`, upToDate: next === pages })
    })
    const items = await (await stream<number>({ url, live: false })).json()
    expect(items.length).toBe(all.length)
    expect(items.every((item, n) => item === n)).toBe(true)
  })
})
