import { describe, expect, it } from 'vitest'
import { DurableStream, stream, type StreamResponse } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Exchange, reset, send, startFaultyServer } from '../support/faulty-server.ts'
import { readsLive } from '../support/live-reads.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { answerItems, controlEvent, dataEvent, openEvents } from '../support/stream-answers.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const modes = [true, 'sse', 'long-poll'] as const

const isLive = ({ url }: Exchange): boolean => readsLive(url)
const isEvents = ({ url }: Exchange): boolean => url.searchParams.get('live') === 'sse'

function collect<Item>(response: StreamResponse<Item>): Item[] {
  const items: Item[] = []
  response.subscribeJson((arrival) => void items.push(...arrival.items))
  return items
}

/** A stream on a real server, behind a server that is to misbehave. */
async function startStream(
  behave: (exchange: Exchange) => unknown,
  body = '[]',
): Promise<{ url: string; target: string; asked: Exchange[] }> {
  const { url } = await startServer({ longPollTimeoutMs: 5000 })
  const target = await createStream(url, { body })
  return { target, ...(await startFaultyServer(behave, target)) }
}

const close = (target: string): Promise<Response> => post(target, null, { 'stream-closed': 'true' })

describe('a live connection that is reset', () => {
  it.each([
    ...modes.map((live) => [live, 'page'] as const),
    ...modes.map((live) => [live, 'stream'] as const),
  ])('costs a reader nothing, again and again (live: %s, of the %s)', async (live, connection) => {
    const open: Exchange[] = []
    const { url, target } = await startStream((exchange) => {
      if (isLive(exchange)) open.push(exchange)
      return exchange.forward()
    })
    const response = await stream<number>({ url, live, backoff, connection })
    const items = collect(response)

    for (let n = 1; n <= 6; n++) {
      await eventually(() => expect(open).not.toHaveLength(0))
      for (const { res } of open.splice(0)) reset(res)
      await post(target, `${n}`)
      await eventually(() => expect(items).toHaveLength(n))
    }
    await close(target)
    await response.closed
    expect(items).toEqual([1, 2, 3, 4, 5, 6])
    expect(response.streamClosed).toBe(true)
  })
})

const CUTS = {
  'is reset': async (res: Exchange['res'], half: Buffer, length: number) => {
    res.writeHead(200, { ...res.getHeaders(), 'content-length': length })
    await send(res, half)
    reset(res)
  },
  'ends too soon': async (res: Exchange['res'], half: Buffer, length: number) => {
    res.writeHead(200, { ...res.getHeaders(), 'content-length': length })
    await send(res, half)
    res.socket?.end()
  },
  'lacks its last chunk': async (res: Exchange['res'], half: Buffer) => {
    res.writeHead(200, { ...res.getHeaders(), 'transfer-encoding': 'chunked' })
    await send(res, half)
    res.socket?.end()
  },
} as const

async function cutInTheMiddle(exchange: Exchange, how: keyof typeof CUTS): Promise<void> {
  const answer = await exchange.open()
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  for (const [name, value] of Object.entries(answer.headers)) {
    if (name.startsWith('stream-') || name === 'content-type') exchange.res.setHeader(name, value!)
  }
  await CUTS[how](exchange.res, body.subarray(0, body.length / 2), body.length)
}

describe.each(Object.keys(CUTS) as (keyof typeof CUTS)[])('a body that %s', (how) => {
  const stored = Array.from({ length: 500 }, (_, n) => ({ n, text: 'x'.repeat(50) }))

  it('is asked for again when catching up', async () => {
    const { url, asked } = await startStream(
      (exchange) => (exchange.count < 2 ? cutInTheMiddle(exchange, how) : exchange.forward()),
      JSON.stringify(stored),
    )
    const response = await stream({ url, live: false, backoff })
    expect(await response.json()).toEqual(stored)
    expect(asked).toHaveLength(3)
  })

  it('is asked for again when it answers a long-poll', async () => {
    let cuts = 0
    const { url, target, asked } = await startStream((exchange) => {
      if (!isLive(exchange) || cuts === 2) return exchange.forward()
      cuts++
      return cutInTheMiddle(exchange, how)
    })
    const response = await stream<number>({ url, live: 'long-poll', backoff })
    const items = collect(response)
    await eventually(() => expect(asked.some(isLive)).toBe(true))
    await post(target, JSON.stringify(stored))
    await eventually(() => expect(items).toEqual(stored))
    await close(target)
    await response.closed
    expect(items).toEqual(stored)
  })
})

const MESSAGES = [1, 2, { text: 'é🙂\u2028' }]

/** What follows an offset, as two pages of events, or the last. */
function eventsFrom(offset: number): string {
  const first = dataEvent(MESSAGES.slice(0, 2)) + controlEvent({ next: '2', upToDate: false })
  const second = dataEvent(MESSAGES.slice(2)) + controlEvent({ next: '3', closed: true })
  return offset < 2 ? first + second : second
}

/** Reads a stream whose first event stream is cut after so many bytes. */
async function readCutAfter(bytes: number, how: 'reset' | 'end'): Promise<unknown[]> {
  let eventStreams = 0
  const { url } = await startFaultyServer(async (exchange) => {
    const { res } = exchange
    const offset = Number(exchange.url.searchParams.get('offset'))
    // What a cache still had says that there is nothing yet.
    if (exchange.count === 0) return answerItems(res, [], { next: '0' })
    if (!isEvents(exchange)) {
      return answerItems(res, MESSAGES.slice(offset), { next: '3', closed: true })
    }
    openEvents(res)
    const events = Buffer.from(eventsFrom(offset))
    if (eventStreams++ > 0) return res.end(events)
    await send(res, events.subarray(0, bytes))
    return how === 'end' ? res.end() : reset(res)
  })
  const items: unknown[] = []
  for await (const item of new DurableStream({ url, backoff }).json({ live: 'sse' })) {
    items.push(item)
  }
  return items
}

describe('an event stream', () => {
  it.each(['reset', 'end'] as const)(
    'loses and repeats nothing, wherever it is cut (%s)',
    async (how) => {
      const length = Buffer.byteLength(eventsFrom(0))
      for (let bytes = 0; bytes <= length; bytes += 16) {
        const cuts = Array.from({ length: 16 }, (_, n) => readCutAfter(bytes + n, how))
        expect(await Promise.all(cuts)).toEqual(cuts.map(() => MESSAGES))
      }
    },
  )

  it('is read right when it comes byte by byte, with lines that end in CR LF', async () => {
    const events = dataEvent([1, 'é🙂']) + controlEvent({ next: '2', closed: true })
    const { url } = await startFaultyServer(async (exchange) => {
      if (!isEvents(exchange)) return answerItems(exchange.res, [], { next: '0' })
      openEvents(exchange.res)
      for (const byte of Buffer.from(events.replaceAll('\n', '\r\n'))) {
        await send(exchange.res, Uint8Array.of(byte))
        await new Promise(setImmediate)
      }
      exchange.res.end()
    })
    const items: unknown[] = []
    for await (const item of new DurableStream({ url }).json({ live: 'sse' })) items.push(item)
    expect(items).toEqual([1, 'é🙂'])
  })

  it('may hold one message of 16 MB', async () => {
    const text = 'x'.repeat(16_000_000)
    const { url } = await startFaultyServer((exchange) => {
      if (!isEvents(exchange)) return answerItems(exchange.res, [], { next: '0' })
      openEvents(exchange.res)
      exchange.res.end(dataEvent([text]) + controlEvent({ next: '1', closed: true }))
    })
    const items: unknown[] = []
    for await (const item of new DurableStream({ url }).json({ live: 'sse' })) items.push(item)
    expect(items[0] === text && items.length === 1).toBe(true)
  })
})
