import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { memoryStorage } from '../../dev-server/index.ts'
import { openEvents } from '../support/events.ts'
import { startMeasuredServer } from '../support/measured-server.ts'
import { connectTo, exchangeRaw, parseAnswers, readAll } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'

const MB = 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }

/** Sends some bytes and resets the connection once they are gone. */
function breakOff(url: string, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(bytes, () => socket.resetAndDestroy())
    })
    socket.on('close', () => resolve())
  })
}

const HEAD = 'HTTP/1.1\r\nhost: a\r\n'
const LAST = 'connection: close\r\n\r\n'
const chunked = 'content-type: application/json\r\ntransfer-encoding: chunked\r\n'
const typed = (body: string, headers = ''): string =>
  `content-type: application/json\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`

describe('a malformed request', () => {
  it.each([
    ['broken percent-encoding', 'GET', '/a%zz', '\r\n', 400],
    ['half a character', 'GET', '/a%e2%82', '\r\n', 400],
    ['a control character in the path', 'PUT', '/a%00b', '\r\n', 400],
    ['a relative segment', 'PUT', '/x/..%2f/%2e%2e/y', '\r\n', 400],
    ['an empty segment', 'PUT', '/x//y', '\r\n', 400],
    ['no path', 'PUT', '/', '\r\n', 400],
    ['not even a slash', 'PUT', '', '\r\n', 400],
    ['a path too long', 'PUT', `/${'p'.repeat(1025)}`, '\r\n', 414],
    ['a path too long once it is encoded', 'PUT', `/${'@'.repeat(400)}`, '\r\n', 414],
    ['a query too long', 'GET', `/a?offset=-1&x=${'q'.repeat(5000)}`, '\r\n', 414],
    ['two offsets', 'GET', '/a?offset=-1&offset=-1', '\r\n', 400],
    ['a hostile offset', 'GET', '/a?offset=%00%0d%0a', '\r\n', 400],
    ['an unknown live mode', 'GET', '/a?offset=-1&live=websocket', '\r\n', 400],
    ['a live read without an offset', 'GET', '/a?live=sse', '\r\n', 400],
    ['an unknown method', 'PATCH', '/a', '\r\n', 405],
    ['a broken chunk', 'POST', '/a', `${chunked}\r\nzz\r\n`, 400],
    ['a length that is none', 'POST', '/a', 'content-length: -1\r\n\r\n', 400],
    ['invalid JSON', 'POST', '/a', typed('{"a":'), 400],
    ['invalid UTF-8', 'POST', '/a', typed('"\xff"'), 400],
    ['an empty array', 'POST', '/a', typed('[]'), 400],
    ['no body', 'POST', '/a', typed(''), 400],
    ['no content type', 'POST', '/a', 'content-length: 1\r\n\r\n1', 400],
    [
      'a content type that is none',
      'POST',
      '/a',
      'content-type: json\r\ncontent-length: 1\r\n\r\n1',
      400,
    ],
    ['a TTL with a sign', 'PUT', '/b', 'stream-ttl: +5\r\n\r\n', 400],
    ['a TTL beyond all numbers', 'PUT', '/b', `stream-ttl: ${'9'.repeat(400)}\r\n\r\n`, 400],
    ['a date that is none', 'PUT', '/b', 'stream-expires-at: 2030-99-01T00:00:00Z\r\n\r\n', 400],
    ['half a producer', 'POST', '/a', typed('1', 'producer-id: p\r\n'), 400],
    [
      'a producer sequence beyond 2^53',
      'POST',
      '/a',
      typed('1', 'producer-id: p\r\nproducer-epoch: 0\r\nproducer-seq: 9007199254740992\r\n'),
      400,
    ],
    [
      'an expected offset that is none',
      'POST',
      '/a',
      typed('1', 'stream-expected-offset: x\r\n'),
      400,
    ],
    ['a fork of nothing', 'PUT', '/b', 'stream-forked-from: /v1/stream/x\r\n\r\n', 404],
    ['a place to fork without a source', 'PUT', '/b', 'stream-fork-offset: -1\r\n\r\n', 400],
    [
      'a producer id too long',
      'POST',
      '/a',
      typed('1', `producer-id: ${'p'.repeat(257)}\r\nproducer-epoch: 0\r\nproducer-seq: 0\r\n`),
      400,
    ],
    ['a subscription to nothing', 'PUT', '/__ds/subscriptions/s', '\r\n', 400],
  ])('with %s is refused with what it is', async (_name, method, path, rest, status) => {
    const { url } = await startServer()
    await createStream(url, { path: 'a' })
    const line = `${method} /v1/stream${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n`
    const [answer] = parseAnswers(await exchangeRaw(url, line + rest))
    expect(answer!.status).toBe(status)
    expect(JSON.parse(answer!.body)).toMatchObject({ error: { message: expect.any(String) } })
    expect(await (await fetch(`${url}/a`)).json()).toEqual([])
  })

  it.each([
    ['is no HTTP at all', '\x16\x03\x01\x02\x00\r\n\r\n', 400],
    ['names no host', 'GET /v1/stream/a HTTP/1.1\r\n\r\n', 400],
    [
      'has two lengths',
      `POST /v1/stream/a ${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\n1`,
      400,
    ],
    ['has headers too long', `GET /v1/stream/a ${HEAD}x: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
    ['has a line too long', `GET /v1/stream/${'a'.repeat(100_000)} ${HEAD}\r\n`, 431],
    ['has a chunk that is none', `POST /v1/stream/a ${HEAD}${chunked}\r\nzz\r\n`, 400],
  ])('that %s is refused in words that a page may read', async (_name, request, status) => {
    const { url } = await startServer()
    const answers = parseAnswers(await exchangeRaw(url, request))
    expect(answers).toHaveLength(1)
    expect(answers[0]).toMatchObject({
      status,
      headers: {
        'content-type': 'application/json',
        'x-content-type-options': 'nosniff',
        'access-control-allow-origin': '*',
        connection: 'close',
      },
    })
    expect(JSON.parse(answers[0]!.body).error.message).not.toBe('')
  })

  it('is refused after what came before it on the connection was answered', async () => {
    const { url } = await startServer({ longPollTimeoutMs: 50 })
    await createStream(url, { path: 'a' })
    const poll = `GET /v1/stream/a?offset=now&live=long-poll ${HEAD}\r\n`
    const answers = parseAnswers(await exchangeRaw(url, `${poll}no HTTP at all\r\n\r\n`))
    expect(answers.map(({ status }) => status)).toEqual([204, 400])
  })

  it.each(['CONNECT a:443 HTTP/1.1', 'no HTTP at all'])(
    'loses nothing of a long answer to what came before it (%s)',
    async (end) => {
      const { url } = await startServer()
      const body = 'x'.repeat(12 * MB)
      await createStream(url, { path: 'a', body: JSON.stringify(body) })
      const get = `GET /v1/stream/a?offset=-1 ${HEAD}\r\n`
      const socket = await connectTo(url)
      socket.write(`${get}${get}${end}\r\n\r\n`)
      // Only who reads slowly makes the server wait for room.
      socket.pause()
      await (await fetch(`${url}/a`)).text()
      const answers = parseAnswers(await readAll(socket.resume()))
      expect(answers.slice(0, 2).map((answer) => answer.body.length)).toEqual([
        body.length + 4,
        body.length + 4,
      ])
      expect([400, 405]).toContain(answers[2]!.status)
    },
  )

  it('may be as long as the limit of headers says', async () => {
    const { url } = await startServer({ maxHeaderBytes: 1000 })
    const stream = await createStream(url)
    const asked = async (length: number): Promise<number> =>
      (await fetch(stream, { headers: { x: 'x'.repeat(length) } })).status
    expect(await asked(500)).toBe(200)
    expect(await asked(2000)).toBe(431)
  })

  it('that breaks off anywhere harms nobody', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const { url } = await startServer({ onError })
    const stream = await createStream(url, { body: '1' })
    const head = 'HTTP/1.1\r\nhost: a\r\n'
    const post = `POST /v1/stream/a ${head}${typed('"a string"')}`
    for (let cut = 1; cut < post.length; cut += 7) await breakOff(url, post.slice(0, cut))
    for (const live of ['sse', 'long-poll']) {
      const follow = `GET /v1/stream/a?offset=now&live=${live} ${head}\r\n`
      await breakOff(url, follow)
      await breakOff(url, `${follow}CONNECT a:443 ${head}\r\n`)
      await breakOff(url, `${follow}no HTTP at all\r\n\r\n`)
    }
    expect(await (await fetch(stream)).json()).toEqual([1])
    expect(onError).not.toHaveBeenCalled()
  })

  it('outside the prefix is told where streams live', async () => {
    const { url } = await startServer()
    const answer = await fetch(new URL('/elsewhere', url))
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('/v1/stream/')
  })
})

describe('requests sent ahead on one connection', () => {
  it('are answered in turn, each with what the ones before it did', async () => {
    const { url } = await startServer()
    const requests = [
      `PUT /v1/stream/a ${HEAD}${typed('[]')}`,
      ...[1, 2, 3].map((n) => `POST /v1/stream/a ${HEAD}${typed(String(n))}`),
      `GET /v1/stream/a?offset=-1 ${HEAD}\r\n`,
      `DELETE /v1/stream/a ${HEAD}\r\n`,
      `GET /v1/stream/a?offset=-1 ${HEAD}${LAST}`,
    ]
    const answers = parseAnswers(await exchangeRaw(url, requests.join('')))
    expect(answers.map(({ status }) => status)).toEqual([201, 204, 204, 204, 200, 204, 404])
    expect(answers[4]!.body).toBe('[1,\n2,\n3]')
  })

  it('are worked on one at a time', async () => {
    const storage = memoryStorage()
    let reading = 0
    let most = 0
    const { url } = await startServer({
      storage: {
        ...storage,
        async read(...args) {
          most = Math.max(most, ++reading)
          await new Promise(setImmediate)
          reading -= 1
          return storage.read(...args)
        },
      },
    })
    await createStream(url, { body: '1' })
    const get = `GET /v1/stream/a?offset=-1 ${HEAD}\r\n`
    const last = `GET /v1/stream/a?offset=-1 ${HEAD}${LAST}`
    expect(parseAnswers(await exchangeRaw(url, get.repeat(49) + last))).toHaveLength(50)
    expect(most).toBe(1)
  })
})

describe('a body longer than the limit', () => {
  it('is refused with 413, and nothing of it is stored', async () => {
    const { url } = await startServer({ maxBodyBytes: 1000 })
    const stream = await createStream(url, { body: '[1]' })
    const answer = await post(stream, JSON.stringify('x'.repeat(2000)))
    expect(answer.status).toBe(413)
    expect(await answer.text()).toContain('longer than 1000 bytes')
    expect(await (await fetch(stream)).json()).toEqual([1])
  })

  it('is refused before it is sent, if it says how long it is', async () => {
    const { url } = await startServer({ maxBodyBytes: 1000 })
    await createStream(url)
    for (const expecting of ['', 'expect: 100-continue\r\n']) {
      const socket = await connectTo(url)
      socket.write(`POST /v1/stream/a ${HEAD}${expecting}content-length: 1001\r\n\r\n`)
      expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 413 /)
      socket.destroy()
    }
  })

  it.each([`content-length: ${3 * MB}`, 'transfer-encoding: chunked'])(
    'lets its sender see why, though it is still sending (%s)',
    async (framing) => {
      const { url } = await startServer({ maxBodyBytes: MB })
      await createStream(url)
      const head = `POST /v1/stream/a ${HEAD}content-type: text/plain\r\n${framing}\r\n\r\n`
      const body = framing.startsWith('t')
        ? `${(3 * MB).toString(16)}\r\n${'x'.repeat(3 * MB)}\r\n0\r\n\r\n`
        : 'x'.repeat(3 * MB)
      const next = `GET /v1/stream/a?offset=-1 ${HEAD}${LAST}`
      const answers = parseAnswers(await exchangeRaw(url, head + body + next))
      expect(answers.map(({ status }) => status)).toEqual([413, 200])
      expect(answers[1]!.body).toBe('[]')
    },
  )

  it('is not listened to for ever', async () => {
    const { url } = await startServer({ maxBodyBytes: 1000 })
    await createStream(url)
    const socket = await connectTo(url)
    const answer = readAll(socket)
    socket.write(`POST /v1/stream/nowhere ${HEAD}transfer-encoding: chunked\r\n\r\n`)
    const chunk = `${(4096).toString(16)}\r\n${'x'.repeat(4096)}\r\n`
    const more = setInterval(() => socket.writable && socket.write(chunk), 1)
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
    clearInterval(more)
  })

  it('costs the server no more than twice the limit, however long it is', async () => {
    const { url, memory } = await startMeasuredServer()
    const stream = await createStream(url, { contentType: 'text/plain' })
    const before = await memory()
    const chunk = new Uint8Array(256 * 1024)
    let left = 400 * MB
    const body = new ReadableStream({
      pull(controller) {
        left -= chunk.length
        if (left > 0) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const headers = { 'content-type': 'text/plain' }
    const sent = fetch(stream, { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
    const status = await sent.then(
      (answer) => answer.status,
      () => 'cut off',
    )
    expect([413, 'cut off']).toContain(status)
    const after = await memory()
    expect(after.peakRss - before.rss).toBeLessThan(40 * MB)
    expect(await (await fetch(stream)).text()).toBe('')
  })
})

describe('a limit of what is kept', () => {
  it('holds for messages in one append', async () => {
    const { url } = await startServer({ maxMessagesPerAppend: 3 })
    const stream = await createStream(url, { body: '[1,2,3]' })
    const refused = await post(stream, '[4,5,6,7]')
    expect(refused.status).toBe(413)
    expect(await refused.text()).toContain('4 messages are more than 3')
    expect(
      (await fetch(`${url}/b`, { method: 'PUT', headers: JSON_TYPE, body: '[1,2,3,4]' })).status,
    ).toBe(413)
    expect((await post(stream, '[4]')).status).toBe(204)
    expect(await (await fetch(stream)).json()).toEqual([1, 2, 3, 4])
  })

  it('holds for streams', async () => {
    const { url } = await startServer({ maxStreams: 2 })
    const stream = await createStream(url, { path: 'a' })
    await createStream(url, { path: 'b' })
    const refused = await fetch(`${url}/c`, { method: 'PUT' })
    expect(refused.status).toBe(507)
    await fetch(stream, { method: 'DELETE' })
    await createStream(url, { path: 'c' })
  })

  it('holds for producers of one stream', async () => {
    const { url } = await startServer({ maxProducersPerStream: 2 })
    const stream = await createStream(url)
    const write = async (id: string): Promise<number> => {
      const producer = { 'producer-id': id, 'producer-epoch': '0', 'producer-seq': '0' }
      return (await post(stream, '1', { ...JSON_TYPE, ...producer })).status
    }
    expect([await write('p'), await write('q'), await write('r')]).toEqual([200, 200, 403])
    expect(await write('p')).toBe(204)
  })

  it('holds for live readers, who are told when to come back', async () => {
    const { url } = await startServer({ maxLiveReaders: 1 })
    const stream = await createStream(url, { body: '1' })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    for (const live of ['sse', 'long-poll']) {
      const refused = await fetch(`${stream}?offset=-1&live=${live}`)
      expect(refused.status).toBe(503)
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(await (await fetch(stream)).json()).toEqual([1])
  })

  it('holds for connections', async () => {
    const { url } = await startServer({ maxConnections: 2 })
    const first = await connectTo(url)
    const second = await connectTo(url)
    expect(await readAll(await connectTo(url))).toBe('')
    const freed = once(second, 'close')
    second.resetAndDestroy()
    await freed
    await eventually(async () => {
      const answer = await exchangeRaw(url, `GET /v1/stream/a ${HEAD}${LAST}`)
      expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    })
    first.destroy()
  })
})

describe('a path', () => {
  it('names one stream, however it is percent-encoded', async () => {
    const { url } = await startServer()
    await createStream(url, { path: 'caf%C3%A9/a b', body: '1' })
    expect(await (await fetch(`${url}/caf%c3%a9/%61%20b`)).json()).toEqual([1])
    expect((await fetch(`${url}/caf%C3%A9%2Fa%20b`)).status).toBe(404)
  })

  it.each(['__proto__', 'constructor', 'a/__ds'])('may be %s', async (path) => {
    const { url } = await startServer()
    const stream = await createStream(url, { path })
    expect((await post(stream, '1')).status).toBe(204)
  })
})

describe('a refused append', () => {
  it('to a stream that does not exist says how to make one', async () => {
    const { url } = await startServer()
    const answer = await post(`${url}/nowhere`, '1')
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('There is no stream \\"nowhere\\": create it with PUT')
  })

  it('tells the tail, so that the writer can go on from there', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '[1]' })
    const answer = await post(stream, '2', {
      ...JSON_TYPE,
      'stream-expected-offset': '0'.repeat(16),
    })
    expect(answer.status).toBe(409)
    const tail = answer.headers.get('stream-next-offset')!
    expect((await post(stream, '2', { ...JSON_TYPE, 'stream-expected-offset': tail })).status).toBe(
      204,
    )
  })

  it.each(['p', '__proto__', 'constructor'])('of producer %s never writes twice', async (id) => {
    const { url } = await startServer()
    const stream = await createStream(url)
    const headers = { ...JSON_TYPE, 'producer-id': id, 'producer-epoch': '0', 'producer-seq': '0' }
    expect((await post(stream, '1', headers)).status).toBe(200)
    expect((await post(stream, '1', headers)).status).toBe(204)
    expect(await (await fetch(stream)).json()).toEqual([1])
  })
})
