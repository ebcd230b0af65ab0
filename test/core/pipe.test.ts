import { describe, expect, it } from 'vitest'
import { DurableStream, type Source, stream } from '../../src/core/index.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { createFaultyFetch, seededRandom } from '../support/faulty-fetch.ts'
import { scriptedFetch } from '../support/scripted-fetch.ts'
import { createStream, startServer } from '../support/server.ts'
import { SERVERS } from '../support/servers.ts'
import { appends } from '../support/live-reads.ts'

const json = { contentType: 'application/json' }
const text = { contentType: 'text/plain' }
const backoff = { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 50 }
const words = ['once', ' ', '', 'upon', ' a', ' time']
const readText = async (url: string): Promise<string> => (await stream({ url, live: false })).text()

async function* generate<Value>(values: readonly Value[]): AsyncGenerator<Value, void> {
  yield* values
}

function readable<Value>(values: readonly Value[]): ReadableStream<Value> {
  const rest = [...values]
  return new ReadableStream({
    pull(controller) {
      if (rest.length > 0) controller.enqueue(rest.shift()!)
      else controller.close()
    },
  })
}

describe.each(SERVERS)('to $name', ({ start }) => {
  it.each<[string, () => Source<string>]>([
    ['an array', () => words],
    ['a generator', () => generate(words)],
    ['a ReadableStream', () => readable(words)],
  ])('pipes %s, skipping what is empty', async (_name, source) => {
    const url = `${await start()}/a`
    const target = await DurableStream.create<string>({ url, ...text })
    const { offset } = await target.appendStream(source())
    expect(await readText(url)).toBe('once upon a time')
    expect(await target.head()).toMatchObject({ closed: false, offset })
    await target.appendStream(source(), { close: true })
    expect(await readText(url)).toBe('once upon a timeonce upon a time')
    expect(await target.head()).toMatchObject({ closed: true })
  })

  it('takes what is piped into it', async () => {
    const url = `${await start()}/a`
    const target = await DurableStream.create<string>({ url, ...text })
    await readable(words).pipeTo(target.writable())
    await readable(words).pipeTo(target.writable({ close: true }))
    expect(await readText(url)).toBe('once upon a timeonce upon a time')
    expect(await target.head()).toMatchObject({ closed: true })
  })
})

it('sends the last values and the closing as one request', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch })
  await target.appendStream([1, 2, 3], { close: true })
  expect(bodies).toEqual(['[1,2,3]'])
})

it('stores everything once though every other connection drops', async () => {
  const { url } = await startServer()
  await createStream(url)
  const { fetch, happened } = createFaultyFetch(seededRandom(1), 0.3)
  const target = new DurableStream<string>({ url: `${url}/a`, fetch, backoff })
  const values = Array.from({ length: 60 }, (_, n) => JSON.stringify(`${n} `.repeat(20_000)))
  await target.appendStream(readable(values))
  expect(happened.get('reply-lost')).toBeGreaterThan(0)
  const stored = await (await stream<string>({ url: `${url}/a`, live: false })).json()
  expect(stored.map((value) => JSON.stringify(value))).toEqual(values)
})

it.each([
  ['appendStream', (target: DurableStream, source: ReadableStream) => target.appendStream(source)],
  ['writable', (target: DurableStream, source: ReadableStream) => source.pipeTo(target.writable())],
])('%s reads its source no faster than the server stores', async (_name, pipe) => {
  const { url } = await startServer()
  const gate = gatedFetch()
  const contentType = 'application/octet-stream'
  const target = await DurableStream.create({ url: `${url}/a`, contentType, fetch: gate.fetch })
  const chunk = new Uint8Array(1 << 16)
  let given = 0
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given++ < 200) controller.enqueue(chunk)
      else controller.close()
    },
  })
  const piped = pipe(target, source)
  await gate.arrived
  await new Promise((resolve) => setTimeout(resolve, 20))
  // Two requests of half a MiB, and what the source itself has ready.
  expect(given).toBeLessThanOrEqual(20)
  gate.open()
  await piped
  expect((await target.read()).data).toHaveLength(200 << 16)
})

describe('when it is aborted', () => {
  it('cancels its source at once, though that is waiting, and rejects with the reason', async () => {
    const { url } = await startServer()
    const target = await DurableStream.create({ url: `${url}/a`, ...text })
    const controller = new AbortController()
    let cancelled: unknown
    const source = new ReadableStream({
      start: (source) => source.enqueue('first'),
      pull: () => new Promise(() => undefined),
      cancel: (reason) => (cancelled = reason),
    })
    const reader = await target.stream({ live: 'long-poll' })
    const piped = target.appendStream(source, controller)
    for await (const part of reader.textStream()) if (part) break
    const reason = new Error('left')
    controller.abort(reason)
    await expect(piped).rejects.toBe(reason)
    expect(cancelled).toBe(reason)
    expect(await readText(target.url)).toBe('first')
  })

  it('lets a generator clean up', async () => {
    const { url } = await startServer()
    const target = await DurableStream.create<string>({ url: `${url}/a`, ...text })
    const controller = new AbortController()
    let given = 0
    let cleaned = false
    async function* source(): AsyncGenerator<string, void> {
      try {
        for (;;) {
          given++
          yield 'x'
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      } finally {
        cleaned = true
      }
    }
    const piped = target.appendStream(source(), controller)
    await expect.poll(() => given).toBeGreaterThan(1)
    controller.abort(new Error('left'))
    await expect(piped).rejects.toThrow('left')
    await expect.poll(() => cleaned).toBe(true)
  })

  it('a writable stores what was written before, waits for that, and does not close', async () => {
    const { url } = await startServer()
    let stored = 0
    const counting: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (appends(input, init)) stored++
      return response
    }
    const target = await DurableStream.create({ url: `${url}/a`, ...text, fetch: counting })
    const writer = target.writable({ close: true }).getWriter()
    await writer.write('x')
    await writer.abort(new Error('left'))
    expect(stored).toBe(1)
    await expect(writer.closed).rejects.toThrow('left')
    expect(await readText(target.url)).toBe('x')
    expect(await target.head()).toMatchObject({ closed: false })
  })

  it('does not touch a source if it was aborted before', async () => {
    const { url } = await startServer()
    const target = await DurableStream.create({ url: `${url}/a`, ...text })
    const piped = target.appendStream(readable(words), {
      signal: AbortSignal.abort(new Error('no')),
    })
    await expect(piped).rejects.toThrow('no')
    expect(await readText(target.url)).toBe('')
  })
})

it('stores what a source gave before it failed, does not close, and rejects with what failed', async () => {
  const { url } = await startServer()
  const target = await DurableStream.create<string>({ url: `${url}/a`, ...text })
  const cause = new Error('the model stopped')
  async function* source(): AsyncGenerator<string, void> {
    yield* ['once', ' upon']
    throw cause
  }
  const piped = target.appendStream(source(), { close: true })
  await expect(piped).rejects.toBe(cause)
  expect(await readText(target.url)).toBe('once upon')
  expect(await target.head()).toMatchObject({ closed: false })
})

it('stores the neighbours of a value that cannot be stored, and ends there', async () => {
  const { url } = await startServer()
  const target = await DurableStream.create<unknown>({ url: `${url}/a`, ...json })
  let returned = false
  const source = {
    *[Symbol.iterator]() {
      try {
        yield* [1, undefined, 2]
      } finally {
        returned = true
      }
    },
  }
  await expect(target.appendStream(source)).rejects.toMatchObject({ code: 'invalid' })
  expect(returned).toBe(true)
  await target.append(3)
  expect(await (await stream({ url: target.url, live: false })).json()).toEqual([1, 3])
})

it.each([
  ['appendStream', (target: DurableStream, source: ReadableStream) => target.appendStream(source)],
  ['writable', (target: DurableStream, source: ReadableStream) => source.pipeTo(target.writable())],
])('%s cancels its source when the stream is gone, though that is waiting', async (_name, pipe) => {
  const { url } = await startServer()
  const target = new DurableStream({ url: `${url}/none`, ...text })
  let cancelled: unknown
  const source = new ReadableStream({
    start: (source) => source.enqueue('first'),
    pull: () => new Promise(() => undefined),
    cancel: (reason) => (cancelled = reason),
  })
  await expect(pipe(target, source)).rejects.toMatchObject({ code: 'not-found' })
  expect(cancelled).toMatchObject({ code: 'not-found' })
})
