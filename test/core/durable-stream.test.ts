import { expect, it } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
import { startServer } from '../support/server.ts'

const json = { contentType: 'application/json' }

it.each([
  ['{"a":1},{"b":2}', 'not one JSON value'],
  ['plain words', 'JSON.stringify(text)'],
  [undefined, 'undefined cannot be said in JSON: use null'],
  [() => 1, 'cannot be said in JSON'],
  [10n, 'cannot be said in JSON'],
])('refuses to append %s, and stores its neighbours', async (value, message) => {
  const { url } = await startServer()
  const writer = await DurableStream.create({ url: `${url}/a`, ...json })
  const [before, refused, after] = await Promise.allSettled([
    writer.append({ n: 1 }),
    writer.append(value),
    writer.append({ n: 2 }),
  ])

  expect(before.status).toBe('fulfilled')
  expect(after.status).toBe('fulfilled')
  expect(refused).toMatchObject({
    reason: { code: 'invalid', message: expect.stringContaining(message) },
  })
  expect(await (await stream({ url: `${url}/a`, live: false })).json()).toEqual([
    { n: 1 },
    { n: 2 },
  ])
})

it('refuses an object on a stream of text, and says what it takes', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create({ url: `${url}/a`, contentType: 'text/plain' })
  await expect(writer.append({ a: 1 })).rejects.toThrow('append text or bytes')
})

it.each(['not a url', '/relative', 'ftp://example.test/a'])('refuses %s as an address', (url) => {
  expect(() => new DurableStream({ url })).toThrow(expect.objectContaining({ code: 'invalid' }))
})

it('names the server that does not answer', async () => {
  const { server, url } = await startServer()
  await server.stop()
  const backoff = { maxAttempts: 2, firstDelayMs: 1 }
  await expect(stream({ url: `${url}/a`, backoff })).rejects.toMatchObject({
    name: 'FetchError',
    code: 'disconnected',
    message: expect.stringContaining(url),
  })
})

it('says that an address is a web page, not a stream', async () => {
  const page: typeof fetch = async () =>
    new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } })
  const reading = stream({ url: 'http://127.0.0.1/a', fetch: page })
  await expect(reading).rejects.toMatchObject({ code: 'malformed' })
  await expect(reading).rejects.toThrow('streamwell() Vite plugin')
})

it('asks for credentials again on every request', async () => {
  const { url } = await startServer()
  let asked = 0
  const seen: (string | null)[] = []
  const noting: typeof fetch = (input, init) => {
    seen.push(new Headers(init?.headers).get('authorization'))
    return fetch(input, init)
  }
  const headers = { authorization: async () => `Bearer ${++asked}` }
  const writer = await DurableStream.create({ url: `${url}/a`, ...json, headers, fetch: noting })
  await writer.append({})
  await writer.read()
  expect(seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3'])
})

it('has the neighbours of a write stored that the server finds too large', async () => {
  const { url } = await startServer({ maxBodyBytes: 1000 })
  const writer = await DurableStream.create({ url: `${url}/a`, ...json })
  const [before, refused, after] = await Promise.allSettled([
    writer.append({ n: 1 }),
    writer.append({ text: 'x'.repeat(2000) }),
    writer.append({ n: 2 }),
  ])

  expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled'])
  expect(refused).toMatchObject({ reason: { code: 'too-large', status: 413 } })
  expect(await (await stream({ url: `${url}/a`, live: false })).json()).toEqual([
    { n: 1 },
    { n: 2 },
  ])
})

it('takes one write back that was aborted before it was sent, and only that one', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const controller = new AbortController()
  const first = writer.append(1)
  const second = writer.append(2, { signal: controller.signal })
  const third = writer.append(3)
  controller.abort(new Error('changed my mind'))

  await expect(second).rejects.toThrow('changed my mind')
  await Promise.all([first, third])
  expect(await (await stream({ url: `${url}/a`, live: false })).json()).toEqual([1, 3])
})

it('goes on as a new producer when the server forgot the old one', async () => {
  const { url } = await startServer()
  const writer = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  await writer.append(1)
  await writer.append(2)
  await DurableStream.delete({ url: `${url}/a` })
  await DurableStream.create({ url: `${url}/a`, ...json })

  await writer.append(3)
  expect(await (await stream({ url: `${url}/a`, live: false })).json()).toEqual([3])
})

it('survives a token that cannot be had for a while', async () => {
  const { url } = await startServer()
  let asked = 0
  const authorization = async (): Promise<string> => {
    if (++asked % 2 === 1) throw new TypeError('fetch failed')
    return 'Bearer fresh'
  }
  const backoff = { firstDelayMs: 1 }
  const writer = await DurableStream.create<number>({
    url: `${url}/a`,
    ...json,
    headers: { authorization },
    backoff,
  })
  await writer.append(1)
  await writer.close()
  const items: number[] = []
  for await (const item of writer.json()) items.push(item)
  expect(items).toEqual([1])
  expect(asked).toBe(8)
})

it('says what a server said in JSON as a sentence', async () => {
  const { url } = await startServer()
  await expect(stream({ url: `${url}/none`, live: false })).rejects.toThrow(
    /answered 404 \([^{}]+\): create it, or check the URL/,
  )
})

it('gives up on a server that finds a gap before every write', async () => {
  let posts = 0
  const writer = new DurableStream({
    url: 'http://127.0.0.1/a',
    ...json,
    fetch: async () => {
      if (++posts > 20) throw new Error('asked without end')
      const headers = { 'producer-expected-seq': '9', 'producer-received-seq': '0' }
      return new Response('a gap', { status: 409, headers })
    },
    backoff: { firstDelayMs: 1, maxAttempts: 3 },
  })
  await expect(writer.append(1)).rejects.toMatchObject({ name: 'SequenceGapError', expectedSeq: 9 })
  expect(posts).toBe(1)
})
