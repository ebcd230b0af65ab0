import { describe, expect, it } from 'vitest'
import { memoryStorage, type Storage } from '../../dev-server/index.ts'
import { openEvents } from '../support/events.ts'
import { eventually } from '../support/eventually.ts'
import { answerTo, openMultiplexed } from '../support/multiplexed.ts'
import { createStream, post, startServer } from '../support/server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const CLOSING = { ...JSON_TYPE, 'stream-closed': 'true' }

/** Deletes stream `a` and creates another, longer one, so fast that nobody sees it missing. */
async function replaceStream(storage: Storage): Promise<void> {
  const append = new TextEncoder().encode('2,\n"another",\n')
  await storage.update('a', (found) => ({
    outcome: undefined,
    change: { kind: 'create', record: { ...found!, id: 'new', tail: append.length }, append },
  }))
}

/** A server whose clock moves only by hand, and stream `a` on it with a sliding expiry. */
async function slidingStream(ttlSeconds: number) {
  let clock = Date.UTC(2030, 0, 1)
  const storage = memoryStorage()
  const { url } = await startServer({ storage, now: () => clock })
  await createStream(url, { headers: { 'stream-ttl': String(ttlSeconds) } })
  return {
    url,
    pass: (seconds: number) => void (clock += seconds * 1000),
    usedAt: async (): Promise<number> => {
      const { expiry } = (await storage.read('a', 0, 0))!.record
      return expiry.kind === 'sliding' ? expiry.usedAt : NaN
    },
  }
}

describe('a plain read says where many streams can be read at once', () => {
  it.each([
    ['a', '__ds/live'],
    ['rooms/1', '../__ds/live'],
    ['a/b/c/d%2Fe', '../../../__ds/live'],
  ])('relative to its own URL: %s', async (path, reference) => {
    const { url } = await startServer({ longPollTimeoutMs: 5, sseLifetimeMs: 5 })
    const stream = await createStream(url, { path, body: '1' })
    const caught = await fetch(`${stream}?offset=-1`)
    const etag = caught.headers.get('etag')!
    const answers = [
      caught,
      await fetch(`${stream}?offset=-1`, { headers: { 'if-none-match': etag } }),
      await fetch(`${stream}?offset=now`),
      await fetch(stream, { method: 'HEAD' }),
      await fetch(`${stream}?offset=-1&live=long-poll`),
      await fetch(`${stream}?offset=now&live=long-poll`),
      await fetch(`${stream}?offset=-1&live=sse`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 304, 200, 200, 200, 204, 200])
    for (const { headers } of answers) {
      expect(headers.get('stream-multiplex')).toBe(reference)
      expect(headers.get('access-control-expose-headers')).toContain('stream-multiplex')
    }
    expect(new URL(reference, stream).href).toBe(`${url}/__ds/live`)
  })

  it('and nothing else says so', async () => {
    const { url } = await startServer()
    const stream = await createStream(url)
    const answers = [
      await post(stream, '1'),
      await fetch(stream, { method: 'PUT', headers: JSON_TYPE }),
      await fetch(`${url}/none`),
      await fetch(stream, { method: 'OPTIONS' }),
      await fetch(stream, { method: 'DELETE' }),
    ]
    for (const { headers } of answers) expect(headers.get('stream-multiplex')).toBeNull()
  })
})

describe('many streams over one response', () => {
  it('each has its own data, its own offset and its own end', async () => {
    const { url } = await startServer()
    const a = await createStream(url, { path: 'a', body: '[1,2]' })
    const b = await createStream(url, { path: 'rooms/b', body: '"x"' })
    const read = await openMultiplexed(url, [
      { path: 'a', offset: '-1' },
      { path: 'rooms/b', offset: 'now' },
    ])
    expect(await answerTo(read, 'a')).toEqual({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
    })
    const first = await read.read('a')
    expect(first.data).toEqual(['[1,\n2]'])
    expect(first.control).toMatchObject({ streamNextOffset: '0000000000000006', upToDate: true })
    expect((await read.read('rooms/b')).data).toEqual([])

    await post(b, '"y"')
    expect((await read.read('rooms/b')).data).toEqual(['["y"]'])
    await post(a, '3')
    expect((await read.read('a')).data).toEqual(['[3]'])

    await post(a, '4', CLOSING)
    const last = await read.read('a')
    expect(last.data).toEqual(['[4]'])
    expect(last.control).toMatchObject({ streamClosed: true })
    expect(await read.of('a')).toEqual({ event: 'end', id: 'a', data: '' })
    await post(b, '"z"')
    expect((await read.read('rooms/b')).data).toEqual(['["z"]'])
  })

  it('are named by their path below the root in its one spelling, however it was sent', async () => {
    const { url } = await startServer()
    await createStream(url, { path: 'caf%C3%A9/a%20b%3Fc', body: '1' })
    const read = await openMultiplexed(url, [{ path: 'café/a b%3fc', offset: '-1' }])
    expect((await read.read('caf%C3%A9/a%20b%3Fc')).data).toEqual(['[1]'])
  })

  it('the server sends the head at once, so that it is known to be there', async () => {
    const hanging = new Promise<never>(() => undefined)
    const { url } = await startServer({ authorize: () => hanging })
    const read = await openMultiplexed(url, [{ path: 'a', offset: 'now' }])
    expect(read.response.status).toBe(200)
    expect(read.response.headers.get('content-type')).toBe('text/event-stream')
  })

  it('what is unknown, deleted or asked for wrongly is told by name, and disturbs no other', async () => {
    const { url } = await startServer()
    const source = await createStream(url, { path: 'source', body: '[1,2]' })
    await createStream(url, {
      path: 'fork',
      headers: { 'stream-forked-from': '/v1/stream/source' },
    })
    await fetch(source, { method: 'DELETE' })
    const a = await createStream(url, { path: 'a', body: '["é"]' })
    const read = await openMultiplexed(url, [
      { path: 'none', offset: '-1' },
      { path: 'source', offset: '-1' },
      { path: '__ds/subscriptions/s', offset: '-1' },
      { path: 'b', offset: 'yesterday' },
      { path: 'a', offset: '-1' },
      { path: 'fork', offset: '0000000000009999' },
    ])
    expect(await answerTo(read, 'none')).toEqual({
      status: 404,
      headers: expect.objectContaining({ 'content-type': 'application/json' }),
      body: { error: { code: 'not-found', message: expect.stringContaining('"none"') } },
    })
    expect(await answerTo(read, 'source')).toMatchObject({ status: 410 })
    expect(await answerTo(read, '__ds/subscriptions/s')).toMatchObject({ status: 404 })
    expect(await answerTo(read, 'b')).toMatchObject({ status: 400 })
    expect(await answerTo(read, 'fork')).toMatchObject({
      status: 410,
      headers: { 'stream-next-offset': '0000000000000006' },
    })
    await post(a, '2')
    expect((await read.read('a')).data.join()).toContain('"é"')
  })

  it('a stream that is deleted in the middle ends, and its path can be read again', async () => {
    const { url } = await startServer()
    const a = await createStream(url, { path: 'a', body: '1' })
    const b = await createStream(url, { path: 'b' })
    const wanted = [
      { path: 'a', offset: '-1' },
      { path: 'b', offset: '-1' },
    ]
    const read = await openMultiplexed(url, wanted)
    await read.read('a')
    await read.read('b')
    await fetch(a, { method: 'DELETE' })
    expect(await read.of('a')).toEqual({ event: 'end', id: 'a', data: '' })
    await createStream(url, { path: 'a', body: '"new"' })
    await post(b, '2')
    expect((await read.read('b')).data).toEqual(['[2]'])
    expect((await (await openMultiplexed(url, wanted)).read('a')).data).toEqual(['["new"]'])
  })

  it('a stream whose place another takes ends without a word of the other', async () => {
    const storage = memoryStorage()
    const { url } = await startServer({ storage })
    await createStream(url, { path: 'a', body: '1' })
    const read = await openMultiplexed(url, [{ path: 'a', offset: '-1' }])
    await read.read('a')
    await replaceStream(storage)
    expect(await read.rest()).toEqual([{ event: 'end', id: 'a', data: '' }])
  })

  it('the response ends when nothing more can come of any stream', async () => {
    const { url } = await startServer()
    await createStream(url, { path: 'done', body: '1', headers: { 'stream-closed': 'true' } })
    const read = await openMultiplexed(url, [
      { path: 'done', offset: '-1' },
      { path: 'none', offset: '-1' },
    ])
    const events = await read.rest()
    expect(events.filter(({ id }) => id === 'done').map(({ event }) => event)).toEqual([
      'response',
      'data',
      'control',
      'end',
    ])
    expect(events.filter(({ id }) => id === 'none').map(({ event }) => event)).toEqual(['response'])
  })

  it('the response ends after the time that a connection may live', async () => {
    const { url } = await startServer({ sseLifetimeMs: 30 })
    await createStream(url)
    const read = await openMultiplexed(url, [{ path: 'a', offset: 'now' }])
    expect((await read.rest()).map(({ event }) => event)).toEqual(['response', 'control'])
  })

  it('the response ends, and stopping waits for nothing, when the server stops', async () => {
    const { url, server } = await startServer()
    await createStream(url)
    const read = await openMultiplexed(url, [{ path: 'a', offset: 'now' }])
    await read.read('a')
    await server.stop()
    expect(await read.rest()).toEqual([])
  })

  it('a stream with a sliding expiry is used by whoever begins to read it among others', async () => {
    const { url, usedAt, pass } = await slidingStream(3600)
    pass(1800)
    const before = await usedAt()
    await openMultiplexed(url, [{ path: 'a', offset: 'now' }])
    await eventually(async () => expect(await usedAt()).toBe(before + 1_800_000))
  })

  it('a stream with a sliding expiry does not expire while it is among them', async () => {
    const { url, usedAt, pass } = await slidingStream(1)
    const read = await openMultiplexed(url, [{ path: 'a', offset: 'now' }])
    await read.read('a')
    const before = await usedAt()
    pass(0.9)
    await eventually(async () => expect(await usedAt()).toBe(before + 900))
    pass(0.9)
    expect((await fetch(`${url}/a`, { method: 'HEAD' })).status).toBe(200)
  })

  it('a stream whose moment has come ends while others go on', async () => {
    let clock = Date.UTC(2030, 0, 1)
    const { url } = await startServer({ now: () => clock, sweepIntervalMs: 10 })
    const b = await createStream(url, { path: 'b' })
    await createStream(url, { headers: { 'stream-expires-at': '2030-01-01T00:01:00Z' } })
    const read = await openMultiplexed(url, [
      { path: 'a', offset: 'now' },
      { path: 'b', offset: 'now' },
    ])
    await read.read('a')
    await read.read('b')
    clock += 61_000
    expect(await read.of('a')).toEqual({ event: 'end', id: 'a', data: '' })
    await post(b, '1')
    expect((await read.read('b')).data).toEqual(['[1]'])
  })

  it('a reader on its own sees no name, and shares no bytes with those who have names', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    const read = await openMultiplexed(url, [{ path: 'a', offset: '-1' }])
    await read.read('a')
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    expect((await events.nextControl())!.data).toBe('[1]')
    const whole = await fetch(`${stream}?offset=-1&live=sse`)
    const { value } = await whole.body!.pipeThrough(new TextDecoderStream()).getReader().read()
    expect(value).toMatch(/^event: data\ndata:\[1\]\n\nevent: control\ndata:\{.*\}\n\n$/)
  })
})
