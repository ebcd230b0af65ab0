import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  createFetchHandler,
  memoryStorage,
  type FetchHandler,
  type FetchHandlerOptions,
} from '../../dev-server/index.ts'
import { openEvents } from '../support/events.ts'
import { startFetchHost } from '../support/fetch-host.ts'
import { createStream, post } from '../support/server.ts'
import { watchedStorage } from '../support/watched-storage.ts'

const URL_OF_A = 'https://app.example/v1/stream/a'
const JSON_TYPE = { 'content-type': 'application/json' }
const MB = 1024 * 1024

interface Asked {
  handler: FetchHandler
  ask: (method: string, query?: string, init?: RequestInit) => Promise<Response>
}

/** A handler that is called as a function, and its stream `a`. */
async function openHandler(options: FetchHandlerOptions = {}, body = ''): Promise<Asked> {
  const handler = createFetchHandler(options)
  onTestFinished(() => handler.close())
  const ask: Asked['ask'] = (method, query = '', init = {}) =>
    handler.fetch(new Request(URL_OF_A + query, { method, ...init }))
  expect((await ask('PUT', '', { headers: JSON_TYPE, body })).status).toBe(201)
  return { handler, ask }
}

describe('as a function, without a host', () => {
  it('creates, appends, reads and deletes', async () => {
    const { ask } = await openHandler()
    expect((await ask('POST', '', { headers: JSON_TYPE, body: '[1,2]' })).status).toBe(204)
    const read = await ask('GET', '?offset=-1')
    expect(await read.json()).toEqual([1, 2])
    expect(read.headers.get('content-length')).toBe('6')
    expect(read.headers.get('access-control-allow-origin')).toBe('*')
    expect((await ask('DELETE')).status).toBe(204)
    expect((await ask('GET')).status).toBe(404)
  })

  it('says where a stream is by the URL that it was asked for', async () => {
    const { handler } = await openHandler()
    const answer = await handler.fetch(
      new Request('https://app.example/v1/stream/b%20c', { method: 'PUT' }),
    )
    expect(answer.headers.get('location')).toBe('https://app.example/v1/stream/b%20c')
  })

  it('gives answers that have no body none', async () => {
    const { ask } = await openHandler({ longPollTimeoutMs: 5 }, '1')
    const etag = (await ask('GET', '?offset=-1')).headers.get('etag')!
    const bare = [
      await ask('HEAD'),
      await ask('GET', '?offset=-1', { headers: { 'if-none-match': etag } }),
      await ask('GET', '?offset=now&live=long-poll'),
      await ask('OPTIONS'),
    ]
    expect(bare.map(({ status }) => status)).toEqual([200, 304, 204, 204])
    for (const { body } of bare) expect(body).toBeNull()
  })

  it('refuses in words what is no request for a stream', async () => {
    const { handler } = await openHandler()
    const statusOf = async (path: string, init?: RequestInit): Promise<number> => {
      const answer = await handler.fetch(new Request(`https://app.example${path}`, init))
      expect(await answer.json()).toMatchObject({ error: { message: expect.any(String) } })
      return answer.status
    }
    expect(await statusOf('/')).toBe(404)
    expect(await statusOf('/v1/stream/%00')).toBe(400)
    expect(await statusOf(`/v1/stream/${'x'.repeat(2000)}`)).toBe(414)
    expect(await statusOf('/v1/stream/a', { method: 'PATCH' })).toBe(405)
  })

  it('takes no more of a body than the limit, whether it says how long it is or not', async () => {
    const { ask } = await openHandler({ maxBodyBytes: 1000 })
    expect((await ask('POST', '', { headers: JSON_TYPE, body: 'x'.repeat(1001) })).status).toBe(413)
    let pulled = 0
    const cancelled = vi.fn<() => void>()
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(500))
      },
      cancel: cancelled,
    })
    const init = { headers: JSON_TYPE, body, duplex: 'half' } as RequestInit
    expect((await ask('POST', '', init)).status).toBe(413)
    expect(cancelled).toHaveBeenCalled()
    expect(pulled).toBeLessThan(6)
  })

  it('counts clients by the address that its host tells', async () => {
    const rateLimit = { requestsPerSecond: 0.01, burst: 1 }
    const { handler } = await openHandler({ rateLimit })
    const ask = async (address: string): Promise<number> =>
      (await handler.fetch(new Request(URL_OF_A), { address })).status
    expect([await ask('1.2.3.4'), await ask('1.2.3.4'), await ask('5.6.7.8')]).toEqual([
      200, 429, 200,
    ])
  })

  it('fills no memory for a reader of events who takes nothing', async () => {
    const storage = memoryStorage()
    const read = vi.spyOn(storage, 'read')
    const { ask } = await openHandler({ storage })
    const { body } = await ask('GET', '?offset=-1&live=sse')
    const message = JSON.stringify('m'.repeat(100 * 1024))
    for (let i = 0; i < 5; i++) await ask('POST', '', { headers: JSON_TYPE, body: message })
    const soFar = read.mock.calls.length
    for (let i = 0; i < 20; i++) await ask('POST', '', { headers: JSON_TYPE, body: message })
    expect(read.mock.calls.length).toBe(soFar)

    const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (text.split('"mmm').length <= 25) text += (await reader.read()).value
    expect(text.length).toBeGreaterThan(25 * 100 * 1024)
    await reader.cancel()
  })

  it('lets go of readers who cancel, and of callers who abort', async () => {
    const storage = watchedStorage()
    const { ask } = await openHandler({ storage })
    const events = await ask('GET', '?offset=-1&live=sse')
    await eventually(() => expect(storage.watchers()).toBe(1))
    await events.body!.cancel()
    await eventually(() => expect(storage.watchers()).toBe(0))

    for (const live of ['sse', 'long-poll']) {
      const left = new AbortController()
      void ask('GET', `?offset=now&live=${live}`, { signal: left.signal })
      await eventually(() => expect(storage.watchers()).toBe(1))
      left.abort()
      await eventually(() => expect(storage.watchers()).toBe(0))
    }
  })
})

describe('closing', () => {
  it('answers waiting long-polls, ends followed streams, and then says that it is closed', async () => {
    const { handler, ask } = await openHandler({}, '1')
    const events = await ask('GET', '?offset=-1&live=sse')
    const poll = ask('GET', '?offset=now&live=long-poll')
    const text = events.text()
    await handler.close()
    expect((await poll).status).toBe(204)
    expect(await text).toContain('"streamNextOffset"')
    const refused = await ask('GET')
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    await handler.close()
  })

  it('waits for what is being read, which still needs the storage', async () => {
    const storage = memoryStorage()
    const { handler, ask } = await openHandler({ storage }, '1')
    const read = storage.read.bind(storage)
    let open = (): void => undefined
    const opened = new Promise<void>((resolve) => (open = resolve))
    storage.read = async (...args) => {
      await opened
      return read(...args)
    }
    const answer = ask('GET', '?offset=-1')
    const closing = handler.close().then(() => 'closed')
    const soon = new Promise((resolve) => setImmediate(resolve, 'waiting'))
    expect(await Promise.race([closing, soon])).toBe('waiting')
    open()
    expect(await closing).toBe('closed')
    expect(await (await answer).json()).toEqual([1])
  })
})

describe('behind a host', () => {
  async function startHost(options: FetchHandlerOptions = {}): Promise<string> {
    const handler = createFetchHandler(options)
    const { origin, stop } = await startFetchHost((request) => handler.fetch(request))
    onTestFinished(async () => {
      await handler.close()
      await stop()
    })
    return `${origin}/v1/stream`
  }

  it('streams events as they come, to the end of the stream', async () => {
    const url = await startHost()
    const stream = await createStream(url)
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    for (const n of [1, 2]) {
      await post(stream, String(n))
      expect((await events.nextControl())!.data).toBe(`[${n}]`)
    }
    await post(stream, '3', { ...JSON_TYPE, 'stream-closed': 'true' })
    expect((await events.nextControl())!.control).toMatchObject({ streamClosed: true })
    expect(await events.next()).toBeUndefined()
  })

  it('carries long bodies both ways, byte for byte', async () => {
    const url = await startHost()
    const stream = await createStream(url, { contentType: 'application/x-bytes' })
    const bytes = new Uint8Array(3 * MB).map((_, i) => i * 7)
    await post(stream, bytes, { 'content-type': 'application/x-bytes' })
    const parts: Uint8Array[] = []
    for (let offset = '-1', upToDate = false; !upToDate; ) {
      const answer = await fetch(`${stream}?offset=${offset}`)
      parts.push(new Uint8Array(await answer.arrayBuffer()))
      offset = answer.headers.get('stream-next-offset')!
      upToDate = answer.headers.has('stream-up-to-date')
    }
    expect(parts.length).toBeGreaterThan(1)
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  })

  it('stores nothing of a body that broke off', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const url = await startHost({ onError })
    const stream = await createStream(url, { body: '1' })
    const left = new AbortController()
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (++sent > 3) left.abort()
        else controller.enqueue(new TextEncoder().encode('"half'))
      },
    })
    const init = { method: 'POST', headers: JSON_TYPE, body, duplex: 'half', signal: left.signal }
    await expect(fetch(stream, init as RequestInit)).rejects.toThrow('aborted')
    expect(await (await fetch(stream)).json()).toEqual([1])
    expect(onError).not.toHaveBeenCalled()
  })
})

it.each([
  [{ storage: 'reddis' }, 'storage cannot be "reddis"'],
  [{ storage: { lmdb: { path: 'x' } } }, 'storage cannot be { lmdb }'],
  [{ maxBodyBytes: 0 }, 'maxBodyBytes cannot be 0'],
  [{ cors: ['https://a.example/'] }, 'cors cannot be'],
])('refuses %j', (options, message) => {
  expect(() => createFetchHandler(options as object)).toThrow(message)
})
