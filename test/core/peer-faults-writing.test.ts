import { describe, expect, it } from 'vitest'
import { DurableStream, SequenceGapError } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Exchange, reset, startFaultyServer } from '../support/faulty-server.ts'
import { createStream, startServer } from '../support/server.ts'
import { aFewTurns, atOnce } from '../support/turns.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const json = { contentType: 'application/json' }
const numbers = Array.from({ length: 40 }, (_, n) => n)

/** What may happen to one write on its way, and to its answer on the way back. */
const FAULTS: Record<string, (exchange: Exchange) => unknown> = {
  'is dropped before the server sees it': ({ res }) => reset(res),
  'is stored, and its answer lost': async (exchange) => {
    const answer = await exchange.open()
    answer.resume()
    reset(exchange.res)
  },
  'is stored, and answered by a proxy that gave up': async (exchange) => {
    const answer = await exchange.open()
    answer.resume()
    exchange.res.writeHead(504).end('gateway timeout')
  },
  'is turned away for a moment': ({ res }) => res.writeHead(429, { 'retry-after': '0' }).end(),
  'meets a server that fails': ({ res }) => res.writeHead(500).end(),
}

/** A real stream whose writes meet a fault whenever `isFaulty` says so of the n-th. */
async function startStream(
  fault: keyof typeof FAULTS,
  isFaulty: (write: number) => boolean,
): Promise<{ url: string; stored: () => Promise<unknown[]>; faults: () => number }> {
  const { url: origin } = await startServer()
  const target = await createStream(origin)
  let writes = 0
  let faults = 0
  const { url } = await startFaultyServer((exchange) => {
    if (exchange.method !== 'POST' || !isFaulty(writes++)) return exchange.forward()
    faults++
    return FAULTS[fault]!(exchange)
  }, target)
  const stored = async (): Promise<unknown[]> => {
    const response = await new DurableStream({ url: target }).stream({ live: false })
    return response.json()
  }
  return { url, stored, faults: () => faults }
}

describe.each(Object.keys(FAULTS))('when a write %s', (fault) => {
  const everyOther = (write: number): boolean => write % 2 === 0

  it('that write is stored once, and those after it follow in order', async () => {
    const { url, stored, faults } = await startStream(fault, everyOther)
    const writer = new DurableStream<number>({ url, ...json, backoff })
    for (const number of numbers.slice(0, 10)) await writer.append(number)
    await Promise.all(numbers.slice(10).map((number) => writer.append(number)))
    expect(await stored()).toEqual(numbers)
    expect(faults()).toBeGreaterThan(9)
  })

  it('a stream closes once, with its last message', async () => {
    const { url, stored } = await startStream(fault, everyOther)
    const writer = new DurableStream<number>({ url, ...json, backoff })
    await writer.append(1)
    await writer.close(2)
    expect(await stored()).toEqual([1, 2])
    expect(await writer.head()).toMatchObject({ closed: true })
  })

  it('what is piped in goes on, and every chunk is stored once', async () => {
    const { url, stored, faults } = await startStream(fault, (write) => write % 3 === 1)
    const writer = new DurableStream<number>({ url, ...json, backoff })
    await writer.appendStream(
      (async function* () {
        for (const number of numbers) {
          // Not all in one request.
          await aFewTurns(1)
          yield number
        }
      })(),
      { close: true },
    )
    expect(await stored()).toEqual(numbers)
    expect(faults()).toBeGreaterThan(0)
    expect(await writer.head()).toMatchObject({ closed: true })
  })
})

describe('writes that share a request', () => {
  /** A stream whose first write waits until `open` is called, so that the later ones join. */
  async function startGated(): Promise<{
    writer: DurableStream
    arrived: Promise<void>
    open: () => void
    url: string
  }> {
    const { url: origin } = await startServer()
    const target = await createStream(origin)
    let open = (): void => {}
    let arrive = (): void => {}
    const opened = new Promise<void>((resolve) => (open = resolve))
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    const { url } = await startFaultyServer(async (exchange) => {
      arrive()
      await opened
      await exchange.forward()
    }, target)
    return { writer: new DurableStream({ url, ...json }), arrived, open, url: target }
  }

  async function storedAt(url: string): Promise<unknown[]> {
    return (await new DurableStream({ url }).stream({ live: false })).json()
  }

  it.each(['{"a":1},{"b":2}', '1 2', '[1],[2]', '{bad', '', ' ', '{"a":1}\n{"b":2}'])(
    'are stored, although %j beside them is no JSON value',
    async (text) => {
      const { writer, arrived, open, url } = await startGated()
      const first = writer.append(0)
      await arrived
      const results = Promise.allSettled([
        writer.append('1'),
        writer.append(text),
        writer.append(new TextEncoder().encode(text)),
        writer.append(new Uint8Array([0x22, 0xff, 0x22])),
        writer.append({ n: 2 }),
      ])
      open()
      await first
      expect((await results).map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
        'fulfilled',
      ])
      expect(await storedAt(url)).toEqual([0, 1, { n: 2 }])
    },
  )

  it('are stored, although one of them is aborted', async () => {
    const { writer, arrived, open, url } = await startGated()
    const controller = new AbortController()
    const first = writer.append(0)
    await arrived
    const kept = [writer.append(1), writer.append(3)]
    const aborted = writer.append(2, { signal: controller.signal })
    const last = writer.append(4)
    await aFewTurns()
    controller.abort('changed my mind')
    expect(await atOnce(aborted)).toEqual({ status: 'rejected', reason: 'changed my mind' })
    open()
    await Promise.all([first, ...kept, last])
    expect(await storedAt(url)).toEqual([0, 1, 3, 4])
  })

  it('take a share of one refusal only if it is theirs', async () => {
    const { url: origin } = await startServer({ maxBodyBytes: 1000 })
    const url = await createStream(origin)
    const writer = new DurableStream({ url, ...json })
    const results = await Promise.allSettled(
      numbers.map((n) => writer.append(n === 13 ? 'x'.repeat(2000).replace(/.*/, '"$&"') : n)),
    )
    expect(results.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([13])
    expect(results[13]).toMatchObject({ reason: { code: 'too-large', status: 413 } })
    expect(await storedAt(url)).toEqual(numbers.filter((n) => n !== 13))
  })
})

describe('an append', () => {
  it('that is aborted while it waits to try again ends at once, and is not tried again', async () => {
    const { url, asked } = await startFaultyServer(({ res }) =>
      res.writeHead(503, { 'retry-after': '30' }).end(),
    )
    const controller = new AbortController()
    const writer = new DurableStream({ url, ...json })
    const append = writer.append(1, { signal: controller.signal })
    append.catch(() => undefined)
    await eventually(() => expect(asked.length).toBe(1))
    await aFewTurns()
    controller.abort('left')
    expect(await atOnce(append)).toEqual({ status: 'rejected', reason: 'left' })
    expect(asked).toHaveLength(1)
  })

  it('to a server that never answers ends with an error', async () => {
    const { url } = await startFaultyServer(() => undefined)
    const fewTries = { ...backoff, maxAttempts: 2 }
    let tries = 0
    const counting: typeof fetch = (...args) => (tries++, fetch(...args))
    const options = { ...json, fetch: counting, timeoutMs: 30, backoff: fewTries }
    const writer = new DurableStream({ url, ...options })
    await expect(writer.append(1)).rejects.toMatchObject({ code: 'disconnected', retryable: true })
    expect(tries).toBe(2)
  })

  it('that is told of a gap of numbers without end fails, and costs nothing', async () => {
    const headers = {
      'producer-expected-seq': '0',
      'producer-received-seq': '9007199254740991',
      'stream-next-offset': '1',
    }
    const { url, asked } = await startFaultyServer(({ res }) => res.writeHead(409, headers).end())
    const writer = new DurableStream({ url, ...json, backoff })
    const error = await writer.append(1).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(SequenceGapError)
    expect(error).toMatchObject({ expectedSeq: 0, receivedSeq: Number.MAX_SAFE_INTEGER })
    expect(asked.length).toBeLessThan(3)
  })
})

describe('a source that is piped in', () => {
  it('is not read much further ahead than the server takes', async () => {
    const { url } = await startFaultyServer(() => undefined)
    const controller = new AbortController()
    const writer = new DurableStream({ url, contentType: 'text/plain' })
    let given = 0
    const source = (function* () {
      for (;;) {
        given += 100_000
        yield 'x'.repeat(100_000)
      }
    })()
    const piping = writer.appendStream(source, { signal: controller.signal })
    piping.catch(() => undefined)
    await aFewTurns(50)
    expect(given).toBeLessThan(4_000_000)
    controller.abort('left')
    expect(await atOnce(piping)).toEqual({ status: 'rejected', reason: 'left' })
  })
})
