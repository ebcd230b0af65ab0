import { describe, expect, it } from 'vitest'
import {
  DurableStream,
  IdempotentProducer,
  SequenceGapError,
  StaleEpochError,
} from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Exchange, reset, startFaultyServer } from '../support/faulty-server.ts'
import { createStream, startServer } from '../support/server.ts'
import { aFewTurns, atOnce } from '../support/turns.ts'

const backoff = { firstDelayMs: 1, maxDelayMs: 2 }
const json = { contentType: 'application/json' }
const numbers = Array.from({ length: 60 }, (_, n) => n)

/** Each value a batch of its own, several on their way at once. */
const small = { maxBatchBytes: 1, lingerMs: 0, maxInFlight: 4, backoff }

/** A real stream behind a server that treats writes as `behave` says. */
async function startStream(
  behave: (exchange: Exchange, write: number) => unknown,
): Promise<{ stream: DurableStream<number>; target: string; stored: () => Promise<unknown[]> }> {
  const { url: origin } = await startServer()
  const target = await createStream(origin)
  let writes = 0
  const { url } = await startFaultyServer(
    (exchange) => (exchange.method === 'POST' ? behave(exchange, writes++) : exchange.forward()),
    target,
  )
  const stored = async (): Promise<unknown[]> => {
    const response = await new DurableStream({ url: target }).stream({ live: false })
    return response.json()
  }
  return { stream: new DurableStream<number>({ url, ...json, backoff }), target, stored }
}

async function appendAll(producer: IdempotentProducer<number>, all = numbers): Promise<void> {
  for (const number of all) await producer.append(number)
}

describe('a producer', () => {
  it.each(['dropped', 'without an answer'])('loses nothing when requests are %s', async (how) => {
    const { stream, stored } = await startStream(async (exchange, write) => {
      if (write % 5 !== 2) return exchange.forward()
      if (how === 'without an answer') (await exchange.open()).resume()
      reset(exchange.res)
    })
    const producer = new IdempotentProducer(stream, 'p', small)
    await appendAll(producer)
    await producer.flush()
    expect(await stored()).toEqual(numbers)
    expect(producer.pendingCount).toBe(0)
    await producer.append(60)
    await producer.close(61)
    expect(await stored()).toEqual([...numbers, 60, 61])
  })

  it('has not flushed before the last batch is acknowledged', async () => {
    let open = (): void => {}
    const opened = new Promise<void>((resolve) => (open = resolve))
    const { stream, stored } = await startStream(async (exchange, write) => {
      if (write === 3) await opened
      await exchange.forward()
    })
    const producer = new IdempotentProducer(stream, 'p', small)
    await appendAll(producer, numbers.slice(0, 6))
    let isFlushed = false
    const flushing = producer.flush().then(() => (isFlushed = true))
    await eventually(() => expect(producer.inFlightCount).toBeGreaterThan(0))
    await aFewTurns(20)
    expect(isFlushed).toBe(false)
    open()
    await flushing
    expect(await stored()).toEqual(numbers.slice(0, 6))
  })

  it('fails loudly when a batch is refused, and writes nothing out of order', async () => {
    const { stream, stored } = await startStream((exchange, write) =>
      write === 2 ? exchange.res.writeHead(403).end() : exchange.forward(),
    )
    const failures: unknown[] = []
    const onError = (error: unknown): void => void failures.push(error)
    const producer = new IdempotentProducer(stream, 'p', { ...small, maxInFlight: 1, onError })
    for (const number of numbers.slice(0, 6)) producer.append(number).catch(() => undefined)
    await expect(producer.flush()).rejects.toMatchObject({ status: 403, code: 'forbidden' })
    await expect(producer.append(7)).rejects.toMatchObject({ status: 403 })
    expect(failures).toHaveLength(1)
    expect(await stored()).toEqual([0, 1])
    await producer.restart()
    await producer.append(100)
    await producer.flush()
    expect(await stored()).toEqual([0, 1, 100])
  })

  it.each([true, false])(
    'comes to an end when the server lost its state (autoClaim: %s)',
    async (autoClaim) => {
      const { stream, target, stored } = await startStream((exchange) => exchange.forward())
      const producer = new IdempotentProducer(stream, 'p', { ...small, autoClaim })
      await appendAll(producer, numbers.slice(0, 3))
      await producer.flush()
      await fetch(target, { method: 'DELETE' })
      await fetch(target, { method: 'PUT', headers: { 'content-type': 'application/json' } })

      for (const number of numbers.slice(3, 6)) producer.append(number).catch(() => undefined)
      const end = await producer.flush().then(
        () => 'stored',
        (error: unknown) => error,
      )
      if (autoClaim) {
        expect(end).toBe('stored')
        expect(await stored()).toEqual([3, 4, 5])
        expect(producer.epoch).toBe(1)
      } else {
        expect(end).toBeInstanceOf(SequenceGapError)
        expect(end).toMatchObject({ expectedSeq: 0, receivedSeq: 3 })
        expect(await stored()).toEqual([])
      }
    },
  )

  it('that another one replaced is told so, and by whom', async () => {
    const { stream, stored } = await startStream((exchange) => exchange.forward())
    const old = new IdempotentProducer(stream, 'p', small)
    await old.append(1)
    await old.flush()
    const young = new IdempotentProducer(stream, 'p', { ...small, epoch: 7 })
    await young.append(2)
    await young.flush()
    old.append(3).catch(() => undefined)
    const error = await old.flush().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StaleEpochError)
    expect(error).toMatchObject({ currentEpoch: 7, retryable: false })
    expect(await stored()).toEqual([1, 2])
  })

  it('that is told of a gap of numbers without end fails, and costs nothing', async () => {
    const headers = {
      'producer-expected-seq': '5',
      'producer-received-seq': '9007199254740991',
      'stream-next-offset': '1',
    }
    const { url, asked } = await startFaultyServer(({ res }) => res.writeHead(409, headers).end())
    const stream = new DurableStream<number>({ url, ...json, backoff })
    const producer = new IdempotentProducer(stream, 'p', small)
    for (const number of numbers) producer.append(number).catch(() => undefined)
    await expect(producer.flush()).rejects.toMatchObject({
      name: 'SequenceGapError',
      receivedSeq: Number.MAX_SAFE_INTEGER,
    })
    expect(asked.length).toBeLessThan(10)
  })

  it('asks to wait instead of holding all that is appended', async () => {
    const { url } = await startFaultyServer(() => undefined)
    const stream = new DurableStream({ url, contentType: 'text/plain', backoff })
    const controller = new AbortController()
    const producer = new IdempotentProducer(stream, 'p', {
      maxBufferedBytes: 100_000,
      signal: controller.signal,
    })
    let appended = 0
    const run = async (): Promise<void> => {
      for (; appended < 1000; appended++) await producer.append('x'.repeat(10_000))
    }
    const running = run()
    running.catch(() => undefined)
    await aFewTurns(20)
    expect(appended).toBeGreaterThanOrEqual(5)
    expect(appended).toBeLessThanOrEqual(11)
    controller.abort('left')
    expect(await atOnce(running)).toEqual({ status: 'rejected', reason: 'left' })
    expect(await atOnce(producer.flush())).toEqual({ status: 'rejected', reason: 'left' })
  })
})
