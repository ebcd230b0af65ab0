import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { memoryStorage, type Storage } from '../../dev-server/index.ts'
import { startMeasuredServer } from '../support/measured-server.ts'
import { connectTo, exchangeRaw, parseAnswers, readAll } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { watchedStorage } from '../support/watched-storage.ts'

const MB = 1024 * 1024
const SILENT_READERS = 20
const MODES = ['', '&live=sse', '&live=long-poll']

/** Asks for a stream and takes nothing of the answer. */
async function askSilently(url: string, query: string): Promise<Socket> {
  const socket = await connectTo(url)
  socket.pause()
  onTestFinished(() => void socket.destroy())
  socket.write(`GET /v1/stream/a?offset=-1${query} HTTP/1.1\r\nhost: a\r\n\r\n`)
  return socket
}

/** 30 MB of JSON messages of about a kilobyte. */
async function fill(stream: string): Promise<void> {
  const message = `"${'m'.repeat(1022)}"`
  const megabyte = `[${Array.from({ length: 1024 }, () => message).join(',')}]`
  for (let i = 0; i < 30; i++) expect((await post(stream, megabyte)).status).toBe(204)
}

describe('readers who take nothing', () => {
  it.each(MODES)('of a stream of 30 MB cost little memory (%s)', async (mode) => {
    const { url, memory } = await startMeasuredServer()
    const stream = await createStream(url)
    await fill(stream)
    const before = await memory()
    await Promise.all(Array.from({ length: SILENT_READERS }, () => askSilently(url, mode)))
    // All of them are being answered when one who came later has been.
    const later = await fetch(`${stream}?offset=-1`)
    expect((await later.text()).length).toBeGreaterThan(MB / 2)
    const after = await memory()
    expect(after.rss - before.rss).toBeLessThan(32 * MB)
    expect(after.external - before.external).toBeLessThan(32 * MB)
  })

  it('get one answer at a time, however many questions they sent ahead', async () => {
    const { url, memory } = await startMeasuredServer()
    await fill(await createStream(url))
    const before = await memory()
    const socket = await askSilently(url, '')
    const next = 'GET /v1/stream/a?offset=-1 HTTP/1.1\r\nhost: a\r\n\r\n'
    socket.write(next.repeat(500))
    await (await fetch(`${url}/a`)).text()
    const after = await memory()
    expect(after.rss - before.rss).toBeLessThan(32 * MB)
  })

  it.each(['', '&live=sse'])('are cut off after a while, and lose nothing (%s)', async (mode) => {
    const storage = memoryStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url)
    const message = 'm'.repeat(15 * MB)
    await post(stream, JSON.stringify(message))

    const { url: patient } = await startServer({ storage, maxConnections: 1, idleTimeoutMs: 300 })
    const silent = await askSilently(patient, mode)
    // There is room for one: who comes next is let in when the silent one is cut off.
    const next = 'HEAD /v1/stream/a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'
    await vi.waitFor(async () => expect(await exchangeRaw(patient, next)).toContain('200 OK'), {
      timeout: 40_000,
      interval: 100,
    })
    expect((await readAll(silent.resume())).length).toBeLessThan(15 * MB)
    expect(await (await fetch(`${stream}?offset=-1`)).json()).toEqual([message])
  })
})

async function start(storage: Storage): Promise<string> {
  return (await startServer({ storage })).url
}

describe('live readers', () => {
  it('who hang up leave nothing behind, by the hundred', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const sockets: Socket[] = []
    for (let i = 0; i < 100; i++) {
      await createStream(url, { path: `s/${i}` })
      const socket = await connectTo(url)
      const live = i % 2 ? 'sse' : 'long-poll'
      socket.on('error', () => undefined)
      socket.write(`GET /v1/stream/s/${i}?offset=now&live=${live} HTTP/1.1\r\nhost: a\r\n\r\n`)
      sockets.push(socket)
    }
    await eventually(() => expect(storage.watchers()).toBe(100))
    for (const [i, socket] of sockets.entries()) {
      if (i % 3) socket.destroy()
      else socket.resetAndDestroy()
    }
    await eventually(() => expect(storage.watchers()).toBe(0))
  })

  it('of a stream that is deleted are told, each in the words of its mode', async () => {
    const storage = watchedStorage()
    // A server each, since readers on one server watch a stream together.
    const [url, second, third] = [await start(storage), await start(storage), await start(storage)]
    const stream = await createStream(url)
    const ask = async (url: string, live: string): Promise<string> => {
      const socket = await connectTo(url)
      const query = `offset=now&live=${live}`
      socket.write(`GET /v1/stream/a?${query} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      return readAll(socket)
    }
    const events = ask(second, 'sse')
    const poll = ask(third, 'long-poll')
    const silent = await askSilently(url, '&live=sse')
    await eventually(() => expect(storage.watchers()).toBe(3))
    expect((await fetch(stream, { method: 'DELETE' })).status).toBe(204)

    const [sse] = parseAnswers(await events)
    expect(sse!.status).toBe(200)
    // The last chunk says that it is all: no reader need guess.
    expect(await events).toMatch(/\r\n0\r\n\r\n$/)
    expect(parseAnswers(await poll)[0]!.status).toBe(404)
    silent.resume()
    await once(silent, 'data')
    await eventually(() => expect(storage.watchers()).toBe(0))
  })
})
