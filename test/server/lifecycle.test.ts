import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished, vi, type Mock } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  createDurableStreamServer,
  memoryStorage,
  type LifecycleEvent,
} from '../../dev-server/index.ts'
import { StreamError } from '../../src/core/errors.ts'
import { openEvents } from '../support/events.ts'
import { connectTo, readAll } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { watchedStorage } from '../support/watched-storage.ts'

describe('starting', () => {
  it('tells the address of the streams, prefix included', async () => {
    const { url, server } = await startServer({ prefix: '/streams' })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/streams$/)
    expect(server.url).toBe(url)
    await createStream(url)
  })

  it('says which port is in use, and works once that port is free', async () => {
    const { url, server: first } = await startServer()
    const port = Number(new URL(url).port)
    const second = createDurableStreamServer({ port })
    onTestFinished(() => second.stop())
    await expect(second.start()).rejects.toMatchObject({
      name: 'StreamError',
      code: 'listen',
      message: `127.0.0.1:${port} is in use: stop what listens there, or choose another port (0 for any)`,
    })
    await first.stop()
    expect(await second.start()).toBe(url)
  })

  it('says that a host is unknown', async () => {
    const server = createDurableStreamServer({ port: 0, host: 'no-such-host.invalid' })
    const error = await server.start().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StreamError)
    expect(error).toMatchObject({ code: 'listen' })
    expect(String(error)).toContain('no-such-host.invalid:0')
  })

  it('has no URL before', () => {
    expect(() => createDurableStreamServer().url).toThrow('await start() first')
  })

  it.each([
    [{ port: 70_000 }, 'port cannot be 70000: use an integer from 0 to 65535'],
    [{ port: 'foo' }, 'port cannot be "foo"'],
    [{ port: 1.5 }, 'port cannot be 1.5'],
    [{ host: '' }, 'host cannot be ""'],
    [{ storage: 'reddis' }, `storage cannot be "reddis": use 'memory'`],
    [{ storage: { disk: { path: 'x' } } }, 'storage cannot be { disk }'],
    [{ prefix: 'v1/' }, 'prefix cannot be "v1/"'],
    [{ cors: 'https://a.example' }, 'cors cannot be "https://a.example"'],
    [{ cacheControl: 'never' }, 'cacheControl cannot be "never"'],
    [{ longPollTimeoutMs: 0 }, 'longPollTimeoutMs cannot be 0'],
    [{ maxHeaderBytes: 1.5 }, 'maxHeaderBytes cannot be 1.5'],
    [{ maxConnections: 0 }, 'maxConnections cannot be 0'],
    [{ idleTimeoutMs: -1 }, 'idleTimeoutMs cannot be -1'],
    [{ maxBodyBytes: '1' }, 'maxBodyBytes cannot be "1"'],
    [{ rateLimit: { requestsPerSecond: 0 } }, 'rateLimit.requestsPerSecond cannot be 0'],
    [{ authorize: true }, 'authorize cannot be true: use a function'],
  ])('refuses %j', (options, message) => {
    const create = (): unknown => createDurableStreamServer(options as object)
    expect(create).toThrow(expect.objectContaining({ code: 'invalid' }))
    expect(create).toThrow(message)
  })
})

describe('a hook for what happens to streams', () => {
  /** A server whose events are kept, and what of each stream the hook could see already. */
  async function startHooked(
    hook: (event: LifecycleEvent) => unknown = () => undefined,
  ): Promise<{ url: string; told: () => Promise<string[]>; onError: Mock }> {
    const storage = memoryStorage()
    const seen: Promise<string>[] = []
    const onError = vi.fn<(error: unknown) => void>()
    const { url } = await startServer({
      storage,
      onError,
      now: () => 1_700_000_000_000,
      onLifecycle(event) {
        const { kind, path, contentType, at } = event
        expect(at).toBe(1_700_000_000_000)
        const found = storage.read(path, 0, 0).then((slice) => slice?.record)
        seen.push(
          found.then((record) => {
            const state = record ? (record.closed ? 'closed' : 'open') : 'gone'
            return `${path} ${contentType} ${kind}, is ${state}`
          }),
        )
        return hook(event)
      },
    })
    return { url, told: () => Promise.all(seen), onError }
  }

  it('is called once for each, when it is so', async () => {
    const { url, told } = await startHooked()
    const stream = await createStream(url)
    await fetch(stream, { method: 'PUT', headers: { 'content-type': 'application/json' } })
    await post(stream, '1')
    await post(stream, null, { 'stream-closed': 'true' })
    await post(stream, null, { 'stream-closed': 'true' })
    await createStream(url, {
      path: 'b',
      contentType: 'text/plain',
      headers: { 'stream-closed': 'true' },
    })
    await fetch(stream, { method: 'DELETE' })
    await fetch(stream, { method: 'DELETE' })
    expect(await told()).toEqual([
      'a application/json created, is open',
      'a application/json closed, is closed',
      'b text/plain created, is closed',
      'b text/plain closed, is closed',
      'a application/json deleted, is gone',
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('hook')
      },
    ],
    ['rejects', async () => Promise.reject(new Error('hook'))],
  ])('that %s is reported, and breaks nothing', async (_name, hook) => {
    const { url, onError } = await startHooked(hook)
    const stream = await createStream(url)
    await post(stream, '1', { 'content-type': 'application/json', 'stream-closed': 'true' })
    expect(await (await fetch(stream)).json()).toEqual([1])
    expect((await fetch(stream, { method: 'DELETE' })).status).toBe(204)
    await eventually(() => expect(onError).toHaveBeenCalledTimes(3))
    expect(onError).toHaveBeenCalledWith(new Error('hook'))
  })
})

describe('stopping', () => {
  it('answers waiting long-polls with "nothing new" and ends followed streams', async () => {
    const storage = watchedStorage()
    const { url, server } = await startServer({ storage })
    const stream = await createStream(url)
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    await openEvents(`${stream}?offset=-1&live=sse`)
    const poll = fetch(`${await createStream(url, { path: 'b' })}?offset=-1&live=long-poll`)
    await eventually(() => expect(storage.watchers()).toBe(2))
    await server.stop()
    expect((await poll).status).toBe(204)
    expect(await events.next()).toBeUndefined()
  })

  it('waits for an append that is being sent, and keeps it', async () => {
    const storage = memoryStorage()
    const { url, server } = await startServer({ storage })
    await createStream(url)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST /v1/stream/a HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n')
    socket.write('content-length: 7\r\nexpect: 100-continue\r\n\r\n')
    await once(socket, 'data')

    const stopped = server.stop()
    socket.write('"whole"')
    expect(String(await once(socket, 'data'))).toContain(' 204 ')
    await stopped
    expect((await storage.read('a', 0, 100))!.record.tail).toBe(9)
  })

  it('waits for no caller who hung up with questions waiting', async () => {
    const { url, server } = await startServer()
    await createStream(url)
    const socket = await connectTo(url)
    const poll = 'GET /v1/stream/a?offset=now&live=long-poll HTTP/1.1\r\nhost: a\r\n\r\n'
    const last = poll.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')
    socket.write(last + poll.repeat(20))
    await post(`${url}/a`, '1')
    socket.destroy()
    await once(socket, 'close')
    await server.stop()
  })

  it('refuses connections afterwards, and may be asked for twice', async () => {
    const { url, server } = await startServer()
    await createStream(url)
    await Promise.all([server.stop(), server.stop()])
    await expect(fetch(`${url}/a`)).rejects.toThrow('fetch failed')
    await expect(server.start()).rejects.toThrow('create another one')
  })

  it('works before the start, which is refused then', async () => {
    const server = createDurableStreamServer({ port: 0 })
    await server.stop()
    await expect(server.start()).rejects.toMatchObject({ code: 'invalid' })
  })

  it('does not wait for connections that are idle, or have never asked for anything', async () => {
    // So its patience with callers never ends.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { url, server } = await startServer()
    const [silent, idle] = [await connectTo(url), await connectTo(url)]
    const told = [silent, idle].map(readAll)
    idle.write('OPTIONS /v1/stream/a HTTP/1.1\r\nhost: a\r\n\r\n')
    await once(idle, 'data')
    await server.stop()
    expect(await Promise.all(told)).toEqual(['', expect.stringContaining(' 204 ')])
  })

  it('closes no storage that it was given', async () => {
    const storage = memoryStorage()
    const { url, server } = await startServer({ storage })
    const stream = await createStream(url)
    await post(stream, '1')
    await server.stop()
    const again = await startServer({ storage })
    expect(await (await fetch(`${again.url}/a`)).json()).toEqual([1])
  })
})
