import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createStream, post, startServer } from '../support/server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Sends raw bytes and gives the status line's code: what a hostile or broken caller gets. */
function statusOf(url: string, request: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () =>
      socket.end(request, 'latin1'),
    )
    let answer = ''
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])))
  })
}

/** Sends some bytes and resets the connection once they are gone. */
function breakOff(url: string, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(bytes, () => socket.resetAndDestroy())
    })
    socket.on('close', () => resolve())
  })
}

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
    ['a path too long', 'PUT', `/${'p'.repeat(2000)}`, '\r\n', 400],
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
    ['a fork', 'PUT', '/b', 'stream-forked-from: /v1/stream/a\r\n\r\n', 501],
    ['a subscription', 'PUT', '/__ds/subscriptions/s', '\r\n', 501],
  ])('with %s is refused with what it is', async (_name, method, path, rest, status) => {
    const { url } = await startServer()
    await createStream(url, { path: 'a' })
    const line = `${method} /v1/stream${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n`
    expect(await statusOf(url, line + rest)).toBe(status)
    expect(await (await fetch(`${url}/a`)).json()).toEqual([])
  })

  it('that is no HTTP at all is refused too', async () => {
    const { url } = await startServer()
    expect(await statusOf(url, '\x16\x03\x01\x02\x00\r\n\r\n')).toBe(400)
  })

  it('that breaks off anywhere harms nobody', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const { url } = await startServer({ onError })
    const stream = await createStream(url, { body: '1' })
    const head = 'HTTP/1.1\r\nhost: a\r\n'
    const post = `POST /v1/stream/a ${head}${typed('"a string"')}`
    for (let cut = 1; cut < post.length; cut += 7) await breakOff(url, post.slice(0, cut))
    for (const live of ['sse', 'long-poll']) {
      await breakOff(url, `GET /v1/stream/a?offset=now&live=${live} ${head}\r\n`)
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

describe('a body longer than the limit', () => {
  it('is refused with 413, and nothing of it is stored', async () => {
    const { url } = await startServer({ maxBodyBytes: 1000 })
    const stream = await createStream(url, { body: '[1]' })
    const answer = await post(stream, JSON.stringify('x'.repeat(2000)))
    expect(answer.status).toBe(413)
    expect(await answer.text()).toContain('longer than 1000 bytes')
    expect(await (await fetch(stream)).json()).toEqual([1])
  })

  it('may be sent without saying how long it is', async () => {
    const { url } = await startServer({ maxBodyBytes: 1000 })
    const stream = await createStream(url, { body: '[1]' })
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('1'.repeat(500)))
      },
    })
    const sent = fetch(stream, {
      method: 'POST',
      body,
      headers: JSON_TYPE,
      duplex: 'half',
    } as RequestInit)
    const status = await sent.then(
      (answer) => answer.status,
      () => 'cut off',
    )
    expect([413, 'cut off']).toContain(status)
    expect(await (await fetch(stream)).json()).toEqual([1])
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
