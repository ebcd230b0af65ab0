import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createFetchHandler, memoryStorage, type Storage } from '../../dev-server/index.ts'
import { eventually } from '../support/eventually.ts'
import { startMeasuredServer } from '../support/measured-server.ts'
import { askMultiplexed, openMultiplexed, parseEvent } from '../support/multiplexed.ts'
import { connectTo } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { watchedStorage } from '../support/watched-storage.ts'

const MB = 1024 * 1024
const TEXT = { 'content-type': 'text/plain' }
const ROOT = 'http://a.example/v1/stream'

/** A handler that is called as a function: each chunk of its response is one write. */
function openHandler(storage: Storage = memoryStorage()) {
  const handler = createFetchHandler({ storage })
  onTestFinished(() => handler.close())
  const ask = (request: Request): Promise<Response> => handler.fetch(request)
  const put = (path: string, body: string): Promise<Response> =>
    ask(new Request(`${ROOT}/${path}`, { method: 'PUT', headers: TEXT, body }))
  const append = (path: string, body: string): Promise<Response> =>
    ask(new Request(`${ROOT}/${path}`, { method: 'POST', headers: TEXT, body }))
  return { ask, put, append }
}

/** More than it takes to tell readers of a change, and to serve them. */
async function turnsOfTheLoop(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Reads a response write by write: each as its events, by `event id`. */
function writesOf(response: Response): () => Promise<string[]> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  onTestFinished(() => reader.cancel())
  return async () => {
    const { value = '' } = await reader.read()
    const blocks = value.split('\n\n').filter((block) => block !== '' && !block.startsWith(':'))
    return blocks.map(parseEvent).map(({ event, id }) => `${event} ${id}`)
  }
}

/** Memory storage whose news are held back until they are let out, all at once. */
function heldNews(): { storage: Storage; letOut: () => void } {
  const storage = memoryStorage()
  const held: (() => void)[] = []
  const watch: Storage['watch'] = (path, listener) => storage.watch(path, () => held.push(listener))
  return {
    storage: { ...storage, watch },
    letOut: () => held.splice(0).forEach((listener) => listener()),
  }
}

describe('streams that share a response', () => {
  it('wait for one frame of long backlogs at most, however many have one', async () => {
    const { ask, put, append } = openHandler()
    const long = Array.from({ length: 40 }, (_, i) => `long/${i}`)
    for (const path of long) await put(path, 'z'.repeat(MB / 4))
    await put('short', '')
    const wanted = [...long, 'short'].map((path) => ({ path, offset: '-1' }))
    const nextWrite = writesOf(await askMultiplexed(ROOT, wanted, { fetch: ask }))
    let written: string[] = []
    while (!written.includes('control short')) written = await nextWrite()
    await append('short', 'news')
    await turnsOfTheLoop()
    const until: string[] = []
    while (!until.includes('data short')) until.push(...(await nextWrite()))
    // What was on its way by then, and a frame.
    expect(until.filter((event) => event.startsWith('data long')).length).toBeLessThan(10)
    const after: string[] = []
    while (after.length < 40) after.push(...(await nextWrite()))
    expect(after.filter((event) => event.startsWith('data long')).length).toBeGreaterThan(10)
  })

  it('get a long backlog in short frames, each with its own offset', async () => {
    const { url } = await startServer()
    await createStream(url, { contentType: 'text/plain', body: 'z'.repeat(100_000) })
    const read = await openMultiplexed(url, [{ path: 'a', offset: '-1' }])
    await read.of('a')
    const offsets: number[] = []
    while (offsets.at(-1) !== 100_000) {
      const data = (await read.of('a'))!
      const control = JSON.parse((await read.of('a'))!.data) as Record<string, unknown>
      offsets.push(Number(control['streamNextOffset']))
      expect(data.data.length).toBe(offsets.at(-1)! - (offsets.at(-2) ?? 0))
    }
    expect(offsets).toEqual([32_768, 65_536, 98_304, 100_000])
  })

  it.each([
    ['a thousand streams', 1000, 0, 64],
    ['long backlogs', 50, 6 * 32_768, 3],
  ])('%s keep nobody else waiting', async (_name, count, length, most) => {
    const storage = memoryStorage()
    const { ask, put } = openHandler(storage)
    const wanted = Array.from({ length: count }, (_, i) => ({ path: `rooms/${i}`, offset: '-1' }))
    for (const { path } of wanted) await put(path, 'z'.repeat(length))
    let turn = 0
    let timer = setImmediate(function next() {
      turn += 1
      timer = setImmediate(next)
    })
    onTestFinished(() => clearImmediate(timer))
    const reads = new Map<number, number>()
    const read = storage.read.bind(storage)
    storage.read = (...args) => {
      reads.set(turn, (reads.get(turn) ?? 0) + 1)
      return read(...args)
    }
    const response = await askMultiplexed(ROOT, wanted, { fetch: ask })
    let told = 0
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      told += text.match(/"upToDate":true/g)?.length ?? 0
      if (told === count) break
    }
    expect(Math.max(...reads.values())).toBeLessThanOrEqual(most)
    expect(reads.size).toBeGreaterThan(10)
  })

  it('get what there is to say of all of them in one write', async () => {
    const { storage, letOut } = heldNews()
    const { ask, put, append } = openHandler(storage)
    const paths = Array.from({ length: 20 }, (_, i) => `rooms/${i}`)
    for (const path of paths) await put(path, '')
    const wanted = paths.map((path) => ({ path, offset: '-1' }))
    const nextWrite = writesOf(await askMultiplexed(ROOT, wanted, { fetch: ask }))
    const greeted: string[] = []
    while (greeted.length < 40) greeted.push(...(await nextWrite()))

    for (const path of paths) await append(path, 'news')
    letOut()
    const news = await nextWrite()
    expect(news).toEqual(paths.flatMap((path) => [`data ${path}`, `control ${path}`]))
  })

  it('are read and encoded once for all connections that carry them', async () => {
    const storage = memoryStorage()
    // Those who read in another 20 s have another cursor.
    const { url } = await startServer({ storage, now: () => Date.UTC(2030, 0, 1) })
    const stream = await createStream(url, { path: 'shared' })
    const reads = await Promise.all(
      Array.from({ length: 25 }, async (_, i) => {
        await createStream(url, { path: `own/${i}` })
        return openMultiplexed(url, [
          { path: `own/${i}`, offset: 'now' },
          { path: 'shared', offset: i % 2 ? 'now' : '-1' },
        ])
      }),
    )
    for (const read of reads) await read.read('shared')
    const spy = vi.spyOn(storage, 'read')
    await post(stream, '1')
    for (const read of reads) expect((await read.read('shared')).data).toEqual(['[1]'])
    expect(spy).toHaveBeenCalledTimes(1)
  })

  it('queue nothing for a reader who takes nothing, who gets everything when they do', async () => {
    const storage = memoryStorage()
    const { ask, put, append } = openHandler(storage)
    const paths = ['a', 'b', 'c']
    for (const path of paths) await put(path, '')
    const wanted = paths.map((path) => ({ path, offset: '-1' }))
    const response = await askMultiplexed(ROOT, wanted, { fetch: ask })
    const read = vi.spyOn(storage, 'read')
    const piece = 'z'.repeat(100 * 1024)
    const appendAll = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        for (const path of paths) await append(path, piece)
        await turnsOfTheLoop()
      }
    }
    await appendAll(3)
    const soFar = read.mock.calls.length
    await appendAll(10)
    expect(read.mock.calls.length).toBe(soFar)

    let received = 0
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      // No name and no control event has a z.
      received += text.split('z').length - 1
      if (received === 39 * piece.length) break
    }
  })

  it('of 20 MB cost a server little for readers who take nothing', async () => {
    const { url, memory } = await startMeasuredServer()
    const paths = Array.from({ length: 20 }, (_, i) => `rooms/${i}`)
    for (const path of paths) {
      await createStream(url, { path, contentType: 'text/plain', body: 'm'.repeat(MB) })
    }
    const body = JSON.stringify({ streams: paths.map((path) => ({ path, offset: '-1' })) })
    const request =
      'POST /v1/stream/__ds/live HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n' +
      `content-length: ${body.length}\r\n\r\n${body}`
    const before = await memory()
    for (let i = 0; i < 20; i++) {
      const socket = await connectTo(url)
      onTestFinished(() => void socket.destroy())
      socket.pause().write(request)
    }
    // All of them are being answered when one who came later has been.
    const later = await openMultiplexed(url, [{ path: 'rooms/0', offset: '-1' }])
    expect((await later.read('rooms/0')).data.join('').length).toBe(MB)
    const after = await memory()
    expect(after.rss - before.rss).toBeLessThan(32 * MB)
    expect(after.external - before.external).toBeLessThan(16 * MB)
  })

  it('leave nothing behind when their reader hangs up', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const paths = Array.from({ length: 50 }, (_, i) => `rooms/${i}`)
    const ttl = { 'stream-ttl': '60' }
    for (const path of paths) await createStream(url, { path, headers: ttl })
    const wanted = paths.map((path) => ({ path, offset: 'now' }))
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const read = await openMultiplexed(url, wanted)
    for (const path of paths) await read.read(path)
    expect(storage.watchers()).toBe(50)
    await read.close()
    await eventually(() => expect(storage.watchers()).toBe(0))
    await eventually(() => expect(timers()).toBeLessThan(before + 20))
  })

  it('one who ends keeps its news from being told again', async () => {
    const { storage, letOut } = heldNews()
    const { ask, put, append } = openHandler(storage)
    await put('a', '')
    await put('b', '')
    const wanted = ['a', 'b'].map((path) => ({ path, offset: 'now' }))
    const nextWrite = writesOf(await askMultiplexed(ROOT, wanted, { fetch: ask }))
    const greeted: string[] = []
    while (greeted.length < 4) greeted.push(...(await nextWrite()))
    // Changes while it is being read, and is gone by then.
    const read = vi.spyOn(storage, 'read')
    let release = (): void => undefined
    read.mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => (release = resolve))
      return undefined
    })
    await append('a', 'x')
    letOut()
    await eventually(() => expect(read).toHaveBeenCalledOnce())
    await append('a', 'y')
    letOut()
    await append('b', 'z')
    letOut()
    // The second news has been told to its reader.
    await turnsOfTheLoop()
    release()
    const rest: string[] = []
    while (!rest.includes('control b')) rest.push(...(await nextWrite()))
    expect(rest).toEqual(['end a', 'data b', 'control b'])
  })
})
