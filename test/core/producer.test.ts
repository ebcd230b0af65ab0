import { describe, expect, it } from 'vitest'
import { DurableStream, IdempotentProducer, stream } from '../../src/core/index.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { scriptedFetch } from '../support/scripted-fetch.ts'
import { createStream, startServer } from '../support/server.ts'
import { SERVERS } from '../support/servers.ts'

const json = { contentType: 'application/json' }
const read = async (url: string): Promise<unknown[]> => (await stream({ url, live: false })).json()
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describe.each(SERVERS)('a producer on $name', ({ start }) => {
  it('stores everything in order, in few requests, several at once', async () => {
    const url = `${await start()}/a`
    const { fetch, bodies } = scriptedFetch()
    const target = await DurableStream.create<number>({ url, ...json, fetch })
    const producer = new IdempotentProducer(target, 'p', { maxBatchBytes: 1000 })
    for (const n of numbers(5000)) await producer.append(n)
    await producer.flush()
    expect(producer.pendingCount).toBe(0)
    expect(await read(url)).toEqual(numbers(5000))
    expect(bodies.length).toBeLessThan(100)
  })

  it('closes the stream together with the last value, and takes no more', async () => {
    const url = `${await start()}/a`
    const target = await DurableStream.create<number>({ url, ...json })
    const producer = new IdempotentProducer(target, 'p')
    void producer.append(1)
    const { offset } = await producer.close(2)
    expect(await target.head()).toMatchObject({ closed: true, offset })
    expect(await read(url)).toEqual([1, 2])
    await expect(producer.append(3)).rejects.toMatchObject({ code: 'closed' })
    await expect(producer.close()).resolves.toEqual({ offset })
  })

  it('leaves the stream open when it is detached, after all is stored', async () => {
    const url = `${await start()}/a`
    const target = await DurableStream.create<number>({ url, ...json })
    const producer = new IdempotentProducer(target, 'p')
    void producer.append(1)
    await producer.detach()
    expect(await target.head()).toMatchObject({ closed: false })
    expect(await read(url)).toEqual([1])
    await expect(producer.append(2)).rejects.toMatchObject({ code: 'closed' })
  })

  it('goes on in the next epoch after restart, and an older one of its name is shut out', async () => {
    const url = `${await start()}/a`
    const target = await DurableStream.create<number>({ url, ...json })
    const old = new IdempotentProducer(target, 'p')
    const producer = new IdempotentProducer(target, 'p')
    await old.append(1)
    await old.flush()
    await producer.restart()
    expect([producer.epoch, producer.nextSeq]).toEqual([1, 0])
    void producer.append(2)
    await producer.flush()
    void old.append(3)
    await expect(old.flush()).rejects.toMatchObject({ name: 'StaleEpochError', currentEpoch: 1 })
    expect(await read(url)).toEqual([1, 2])
  })

  it('takes the next epoch by itself when told to, and loses nothing', async () => {
    const url = `${await start()}/a`
    const target = await DurableStream.create<number>({ url, ...json })
    const first = new IdempotentProducer(target, 'p', { epoch: 7 })
    void first.append(1)
    await first.flush()
    const producer = new IdempotentProducer(target, 'p', { autoClaim: true, maxBatchBytes: 2 })
    for (const n of [2, 3, 4, 5]) void producer.append(n)
    await producer.flush()
    expect(producer.epoch).toBe(8)
    expect(await read(url)).toEqual([1, 2, 3, 4, 5])
  })

  it('writes bytes as they are', async () => {
    const url = `${await start()}/a`
    const target = await DurableStream.create({ url, contentType: 'application/octet-stream' })
    const producer = new IdempotentProducer(target, 'p', { maxBatchBytes: 2 })
    for (const n of [1, 2, 3, 255]) void producer.append(Uint8Array.of(n))
    void producer.append('')
    await producer.close('end')
    expect((await target.read()).data).toEqual(Uint8Array.of(1, 2, 3, 255, 101, 110, 100))
  })
})

it('keeps the order of values appended before and after the content type is known', async () => {
  const { url } = await startServer()
  await createStream(url)
  const target = new DurableStream<number>({ url: `${url}/a` })
  const producer = new IdempotentProducer(target, 'p')
  void producer.append(1)
  const last = target.head().then(() => producer.append(3))
  void producer.append(2)
  await last
  await producer.close()
  expect(await read(`${url}/a`)).toEqual([1, 2, 3])
})

it('sends what was appended after lingering, without being flushed', async () => {
  const { url } = await startServer()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const reader = await stream<number>({ url: `${url}/a`, live: 'long-poll' })
  const producer = new IdempotentProducer(target, 'p', { lingerMs: 1 })
  void producer.append(1)
  for await (const { items } of reader.jsonBatches()) if (items.length > 0) break
  await producer.flush()
  expect(await read(`${url}/a`)).toEqual([1])
})

it('joins what comes while the server is busy', async () => {
  const { url } = await startServer()
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  const { fetch, bodies } = scriptedFetch(async () => {
    await gate
    return 'ok'
  })
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch })
  const producer = new IdempotentProducer(target, 'p', { lingerMs: 0 })
  void producer.append(0)
  const flushed = producer.flush()
  await expect.poll(() => bodies.length).toBe(1)
  for (const n of [1, 2, 3]) {
    void producer.append(n)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  open()
  await flushed
  await producer.flush()
  expect(bodies).toEqual(['[0]', '[1,2,3]'])
})

it('refuses a value that JSON cannot say, and stores its neighbours', async () => {
  const { url } = await startServer()
  const target = await DurableStream.create({ url: `${url}/a`, ...json })
  const producer = new IdempotentProducer(target, 'p')
  void producer.append(1)
  await expect(producer.append(undefined)).rejects.toMatchObject({ code: 'invalid' })
  await expect(producer.close(() => 1)).rejects.toMatchObject({ code: 'invalid' })
  void producer.append(2)
  await producer.close()
  expect(await read(`${url}/a`)).toEqual([1, 2])
})

it.each([{ contentType: 'application/json' }, {}])(
  'tells onError of a value that JSON cannot say, also when nobody waits for it (%o)',
  async (known) => {
    const { url } = await startServer()
    await DurableStream.create({ url: `${url}/a`, ...json })
    const told: unknown[] = []
    const onError = (error: unknown): void => void told.push(error)
    const target = new DurableStream<unknown>({ url: `${url}/a`, ...known })
    const producer = new IdempotentProducer(target, 'p', { onError })
    void producer.append(1)
    void producer.append(undefined)
    void producer.append(2)
    await producer.detach()
    void producer.append(3)
    expect(await read(`${url}/a`)).toEqual([1, 2])
    expect(told).toMatchObject([{ code: 'invalid' }])
  },
)

it('asks its caller to wait while too much is not acknowledged', async () => {
  const { url } = await startServer()
  const gate = gatedFetch()
  const target = await DurableStream.create<string>({ url: `${url}/a`, ...json, fetch: gate.fetch })
  const options = { maxBufferedBytes: 100, maxBatchBytes: 50 }
  const producer = new IdempotentProducer(target, 'p', options)
  let appended = 0
  const appending = (async () => {
    for (; appended < 50; appended++) await producer.append(JSON.stringify('x'.repeat(18)))
  })()
  await gate.arrived
  await new Promise((resolve) => setTimeout(resolve, 1))
  expect(appended).toBe(5)
  expect(producer.inFlightCount).toBe(1)
  gate.open()
  await appending
  await producer.flush()
  expect(await read(`${url}/a`)).toHaveLength(50)
})

it('leaves no listener on a signal that many producers share', async () => {
  const { url } = await startServer()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const { signal } = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++
    addEventListener.apply(signal, args)
  }
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--
    removeEventListener.apply(signal, args)
  }
  for (const id of ['a', 'b']) {
    const producer = new IdempotentProducer(target, id, { signal })
    void producer.append(1)
    await producer.detach()
  }
  expect(listeners).toBe(0)
})
