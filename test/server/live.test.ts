import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { memoryStorage, type Storage } from '../../dev-server/index.ts'
import { openEvents } from '../support/events.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { watchedStorage } from '../support/watched-storage.ts'

/** Deletes stream `a` and creates another, longer one, so fast that nobody sees it missing. */
async function replaceStream(storage: Storage): Promise<void> {
  const append = new TextEncoder().encode('2,\n"another",\n')
  await storage.update('a', (found) => ({
    outcome: undefined,
    change: { kind: 'create', record: { ...found!, id: 'new', tail: append.length }, append },
  }))
}

describe('a long-poll', () => {
  it('is answered as soon as something is appended', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url)
    const poll = fetch(`${stream}?offset=now&live=long-poll`)
    await eventually(() => expect(storage.watchers()).toBe(1))
    await post(stream, '"news"')
    const answer = await poll
    expect(await answer.json()).toEqual(['news'])
    expect(answer.headers.get('stream-cursor')).toMatch(/^\d+$/)
    expect(storage.watchers()).toBe(0)
  })

  it('says after a while that there was nothing, with a cursor that moves on', async () => {
    const { url } = await startServer({ longPollTimeoutMs: 20 })
    const stream = await createStream(url)
    const first = await fetch(`${stream}?offset=-1&live=long-poll`)
    expect(first.status).toBe(204)
    expect(first.headers.get('stream-up-to-date')).toBe('true')
    const cursor = first.headers.get('stream-cursor')!
    const second = await fetch(`${stream}?offset=-1&live=long-poll&cursor=${cursor}`)
    expect(Number(second.headers.get('stream-cursor'))).toBeGreaterThan(Number(cursor))
  })

  it('gets the last append of a stream together with its end', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url)
    const poll = fetch(`${stream}?offset=-1&live=long-poll`)
    await eventually(() => expect(storage.watchers()).toBe(1))
    await post(stream, '"last"', { 'content-type': 'application/json', 'stream-closed': 'true' })
    const answer = await poll
    expect(answer.headers.get('stream-closed')).toBe('true')
    expect(await answer.json()).toEqual(['last'])
  })

  it('is told at once that a closed stream has ended', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { headers: { 'stream-closed': 'true' } })
    const answer = await fetch(`${stream}?offset=-1&live=long-poll`)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('stream-closed')).toBe('true')
  })

  it('ends with 404 when its stream is deleted', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url)
    const poll = fetch(`${stream}?offset=-1&live=long-poll`)
    await eventually(() => expect(storage.watchers()).toBe(1))
    await fetch(stream, { method: 'DELETE' })
    expect((await poll).status).toBe(404)
  })

  it('ends with 404 when another stream takes the place of its own', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url, { body: '1' })
    const poll = fetch(`${stream}?offset=now&live=long-poll`)
    await eventually(() => expect(storage.watchers()).toBe(1))
    await replaceStream(storage)
    expect((await poll).status).toBe(404)
  })

  it('costs nothing once its caller is gone', async () => {
    const storage = watchedStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url)
    const controller = new AbortController()
    const poll = fetch(`${stream}?offset=-1&live=long-poll`, { signal: controller.signal })
    await eventually(() => expect(storage.watchers()).toBe(1))
    controller.abort()
    await expect(poll).rejects.toThrow('aborted')
    await eventually(() => expect(storage.watchers()).toBe(0))
  })
})

describe('following a stream by server-sent events', () => {
  it('gives what is stored, then what comes, then says that it is over', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '[1,{"a":2}]' })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    const first = (await events.nextControl())!
    expect(first.data).toBe('[1,\n{"a":2}]')
    expect(first.control).toMatchObject({ upToDate: true, streamCursor: expect.any(String) })

    await post(stream, '3')
    expect((await events.nextControl())!.data).toBe('[3]')

    const closing = { 'content-type': 'application/json', 'stream-closed': 'true' }
    const tail = (await post(stream, '4', closing)).headers.get('stream-next-offset')
    const last = (await events.nextControl())!
    expect(last.data).toBe('[4]')
    expect(last.control).toEqual({ streamNextOffset: tail, streamClosed: true, upToDate: true })
    expect(await events.next()).toBeUndefined()
  })

  it('tells a reader at the tail where it stands, at once', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const events = await openEvents(`${stream}?offset=now&live=sse`)
    const { data, control } = (await events.nextControl())!
    expect(data).toBeUndefined()
    expect(control).toMatchObject({ streamNextOffset: '0000000000000003', upToDate: true })
  })

  it('goes on from any offset that it told', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const first = await openEvents(`${stream}?offset=-1&live=sse`)
    const { streamNextOffset } = (await first.nextControl())!.control
    await first.close()
    await post(stream, '2')
    const second = await openEvents(`${stream}?offset=${String(streamNextOffset)}&live=sse`)
    expect((await second.nextControl())!.data).toBe('[2]')
  })

  it('cuts a long history into frames, each with its own offset', async () => {
    const { url } = await startServer()
    const messages = Array.from({ length: 120 }, (_, id) => ({ id, pad: 'y'.repeat(10_000) }))
    const stream = await createStream(url, { body: JSON.stringify(messages) })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    const read: unknown[] = []
    let frames = 0
    for (let upToDate = false; !upToDate; frames++) {
      const { data, control } = (await events.nextControl())!
      read.push(...(JSON.parse(data!) as unknown[]))
      upToDate = control['upToDate'] === true
    }
    expect(frames).toBeGreaterThan(3)
    expect(read).toEqual(messages)
  })

  it.each([
    ['lines of every kind', 'a\nb\r\nc\rd', 'a\nb\nc\nd'],
    ['leading spaces', ' a\n  b', ' a\n  b'],
    ['an empty last line', 'a\n', 'a\n'],
    ['a carriage return at the end', 'a\r', 'a\n'],
    ['what looks like an event', 'event: control\ndata: {}\n\n', 'event: control\ndata: {}\n\n'],
  ])('carries text with %s', async (_name, text, received) => {
    const { url } = await startServer()
    const stream = await createStream(url, { contentType: 'text/plain', body: text })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    expect((await events.nextControl())!.data).toBe(received)
  })

  it('waits for the rest of a character that two appends share', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { contentType: 'text/plain' })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    const [first, second] = [Uint8Array.of(0x61, 0xf0, 0x9f), Uint8Array.of(0x98, 0x80, 0x62)]
    await post(stream, first, { 'content-type': 'text/plain' })
    expect((await events.nextControl())!.data).toBe('a')
    await post(stream, second, { 'content-type': 'text/plain' })
    expect((await events.nextControl())!.data).toBe('😀b')
  })

  it('carries binary data as base64', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, {
      contentType: 'image/png',
      body: Uint8Array.of(0, 255),
    })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    expect(events.response.headers.get('stream-sse-data-encoding')).toBe('base64')
    expect((await events.nextControl())!.data).toBe('AP8=')
  })

  it('gives a reader who is slower than the server all of a closed stream', async () => {
    const { url } = await startServer()
    const closed = { 'stream-closed': 'true' }
    const body = 'z'.repeat(1024 * 1024)
    const stream = await createStream(url, { contentType: 'text/plain', headers: closed, body })
    const text = await (await fetch(`${stream}?offset=-1&live=sse`)).text()
    expect(text.match(/z/g)?.length).toBe(body.length)
    expect(text).toContain('"streamClosed":true')
  })

  it('ends when the stream is deleted', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    await fetch(stream, { method: 'DELETE' })
    expect(await events.next()).toBeUndefined()
  })

  it('ends when another stream takes the place of the one followed', async () => {
    const storage = memoryStorage()
    const { url } = await startServer({ storage })
    const stream = await createStream(url, { body: '1' })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    await replaceStream(storage)
    expect(await events.next()).toBeUndefined()
  })

  it('ends after the time that a connection may live', async () => {
    const { url } = await startServer({ sseLifetimeMs: 30 })
    const events = await openEvents(`${await createStream(url)}?offset=-1&live=sse`)
    await events.nextControl()
    expect(await events.next()).toBeUndefined()
  })

  it('gives every one of many readers every message, in order', async () => {
    const { url } = await startServer()
    const stream = await createStream(url)
    const readers = await Promise.all(
      Array.from({ length: 40 }, () => openEvents(`${stream}?offset=-1&live=sse`)),
    )
    for (let i = 0; i < 30; i++) await post(stream, String(i))
    const expected = Array.from({ length: 30 }, (_, i) => i)
    for (const events of readers) {
      const read: unknown[] = []
      while (read.length < 30) {
        const { data } = (await events.nextControl())!
        if (data !== undefined) read.push(...(JSON.parse(data) as unknown[]))
      }
      expect(read).toEqual(expected)
    }
  })

  it('reads and encodes an append once, however many follow', async () => {
    const storage = memoryStorage()
    // Those who come in another 20 s have another cursor.
    const { url } = await startServer({ storage, now: () => Date.UTC(2030, 0, 1) })
    const stream = await createStream(url)
    const readers = await Promise.all(
      Array.from({ length: 25 }, () => openEvents(`${stream}?offset=-1&live=sse`)),
    )
    await Promise.all(readers.map((events) => events.nextControl()))
    const read = vi.spyOn(storage, 'read')
    await post(stream, '1')
    for (const events of readers) expect((await events.nextControl())!.data).toBe('[1]')
    expect(read).toHaveBeenCalledTimes(1)
  })

  it('queues nothing for a reader that does not read, and gives it everything when it does', async () => {
    const storage = memoryStorage()
    const read = vi.spyOn(storage, 'read')
    const { url } = await startServer({ storage })
    const stream = await createStream(url, { contentType: 'text/plain' })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    // No header and no control event has a z.
    let received = 0
    socket.pause().on('data', (piece) => {
      for (const byte of piece) if (byte === 'z'.charCodeAt(0)) received++
    })
    socket.write('GET /v1/stream/a?offset=-1&live=sse HTTP/1.1\r\nhost: a\r\n\r\n')
    await eventually(() => expect(read).toHaveBeenCalled())

    const piece = 'z'.repeat(256 * 1024)
    let appended = 0
    // The system may take a little more at any time, but not without end.
    for (let unread = 0; unread < 16; appended++) {
      const reads = read.mock.calls.length
      await post(stream, piece, { 'content-type': 'text/plain' })
      unread = read.mock.calls.length === reads ? unread + 1 : 0
      expect(appended).toBeLessThan(160)
    }

    socket.resume()
    const whole = appended * piece.length
    await vi.waitFor(() => expect(received).toBe(whole), { timeout: 50_000, interval: 100 })
    socket.destroy()
  })
})
