import { describe, expect, it } from 'vitest'
import { openEvents } from '../support/events.ts'
import { createStream, post, startServer } from '../support/server.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** A server with a JSON stream `a` that holds the messages 1, "two" and [3]. */
async function sourceOnServer(options: Parameters<typeof startServer>[0] = {}) {
  const { url } = await startServer(options)
  const source = await createStream(url, { body: '[1,"two",[3]]' })
  return {
    url,
    source,
    fork: (headers: Record<string, string> = {}, path = 'f', body: string | null = null) =>
      fetch(`${url}/${path}`, {
        method: 'PUT',
        headers: { 'stream-forked-from': '/v1/stream/a', ...headers },
        // Bytes: text would be sent with a type of its own.
        body: body === null ? null : new TextEncoder().encode(body),
      }),
    read: async (path: string): Promise<unknown> => (await fetch(`${url}/${path}`)).json(),
  }
}

describe('a source', () => {
  it.each([
    ['its path below the prefix', (_url: string) => 'rooms/caf%C3%A9'],
    ['its path below the prefix, from the root', () => '/rooms/caf%c3%a9'],
    ['its path on the server', () => '/streams/here/rooms/caf%c3%a9'],
    ['its URL', (url: string) => `${url}/rooms/caf%c3%a9`],
  ])('is named by %s', async (_name, nameOf) => {
    const { url } = await startServer({ prefix: '/streams/here' })
    await createStream(url, { path: 'rooms/café', body: '["in it"]' })
    const headers = { 'stream-forked-from': nameOf(url) }
    expect((await fetch(`${url}/f`, { method: 'PUT', headers })).status).toBe(201)
    expect(await (await fetch(`${url}/f`)).json()).toEqual(['in it'])
  })

  it('is not the fork itself, nor a stream of the server', async () => {
    const { fork } = await sourceOnServer()
    expect((await fork({ 'stream-forked-from': '/f' })).status).toBe(404)
    expect((await fork({}, 'a')).status).toBe(409)
    expect((await fork({ 'stream-forked-from': '/__registry__' })).status).toBe(403)
    expect((await fork({ 'stream-forked-from': '/__ds/jwks.json' })).status).toBe(403)
  })

  it('that is deleted ends its live readers, and says so to who asks', async () => {
    const { source, fork } = await sourceOnServer()
    await fork()
    const events = await openEvents(`${source}?offset=now&live=sse`)
    await events.nextControl()
    expect((await fetch(source, { method: 'DELETE' })).status).toBe(204)
    expect(await events.next()).toBeUndefined()
    expect((await fetch(source, { method: 'HEAD' })).status).toBe(410)
  })
})

describe('a fork', () => {
  it.each<[string, Record<string, string>]>([
    ['an offset without a source', { 'stream-forked-from': '', 'stream-fork-offset': '-1' }],
    ['a source that no path can name', { 'stream-forked-from': '/v1/stream/a/../b' }],
    ['a source with a broken encoding', { 'stream-forked-from': '/v1/stream/%zz' }],
    ['an offset of another server', { 'stream-fork-offset': 'abc' }],
    ['an offset past the tail', { 'stream-fork-offset': '0000000000000099' }],
    ['an offset within a message', { 'stream-fork-offset': '0000000000000001' }],
    ['more messages than there are', { 'stream-fork-offset': '-1', 'stream-fork-sub-offset': '4' }],
    [
      'more than there could be',
      { 'stream-fork-offset': '-1', 'stream-fork-sub-offset': '9007199254740991' },
    ],
    ['messages past no offset', { 'stream-fork-sub-offset': '1' }],
    ['a count with a sign', { 'stream-fork-offset': '-1', 'stream-fork-sub-offset': '+1' }],
  ])('at %s is refused, and leaves nothing behind', async (_name, headers) => {
    const { fork, url, source } = await sourceOnServer()
    expect((await fork(headers)).status).toBe(400)
    expect((await fetch(`${url}/f`)).status).toBe(404)
    await fetch(source, { method: 'DELETE' })
    expect((await fetch(source)).status).toBe(404)
  })

  it.each<[string, Record<string, string>, unknown[]]>([
    ['nowhere in particular', {}, [1, 'two', [3]]],
    ['now', { 'stream-fork-offset': 'now' }, [1, 'two', [3]]],
    ['the beginning', { 'stream-fork-offset': '-1' }, []],
    ['an offset', { 'stream-fork-offset': '0000000000000003' }, [1]],
    [
      'the second message',
      { 'stream-fork-offset': '-1', 'stream-fork-sub-offset': '2' },
      [1, 'two'],
    ],
    [
      'a message past an offset',
      { 'stream-fork-offset': '0000000000000003', 'stream-fork-sub-offset': '1' },
      [1, 'two'],
    ],
  ])('at %s has what came before, and its own', async (_name, headers, inherited) => {
    const { fork, read } = await sourceOnServer()
    expect((await fork(headers, 'f', '["mine"]')).status).toBe(201)
    expect((await fork(headers)).status).toBe(200)
    expect(await read('f')).toEqual([...inherited, 'mine'])
  })

  it('is not made again with another origin, type or expiry', async () => {
    const { url, fork } = await sourceOnServer()
    await createStream(url, { path: 'other' })
    expect((await fork({ 'stream-fork-offset': '0000000000000003' })).status).toBe(201)
    expect((await fork()).status).toBe(409)
    expect((await fork({ 'stream-forked-from': '/other' })).status).toBe(409)
    expect((await fetch(`${url}/f`, { method: 'PUT', headers: JSON_TYPE })).status).toBe(409)
    const same = { 'stream-fork-offset': '0000000000000003' }
    expect((await fork({ ...same, 'stream-ttl': '9' })).status).toBe(409)
    expect((await fork({ ...same, 'content-type': 'text/plain' })).status).toBe(409)
    expect((await fork(same)).status).toBe(200)
  })

  it('takes its first content as its source holds it, or not at all', async () => {
    const { fork, read } = await sourceOnServer()
    expect((await fork({}, 'f', '[4,{"five": 5}]')).status).toBe(201)
    expect(await read('f')).toEqual([1, 'two', [3], 4, { five: 5 }])
    expect((await fork({}, 'g', '[4,')).status).toBe(400)
  })

  it('counts bytes, not characters, past an offset of a text', async () => {
    const { url } = await startServer()
    await createStream(url, { path: 'text', contentType: 'text/plain', body: 'größer' })
    const headers = {
      'stream-forked-from': 'text',
      'stream-fork-offset': '-1',
      'stream-fork-sub-offset': '4',
    }
    expect((await fetch(`${url}/f`, { method: 'PUT', headers })).status).toBe(201)
    expect(await (await fetch(`${url}/f`)).text()).toBe('grö')
  })

  it('of a fork of a fork reads on where each of them left, page by page', async () => {
    const { fork, url } = await sourceOnServer()
    const long = (letter: string) => JSON.stringify([letter.repeat(700_000), letter])
    await post(`${url}/a`, long('a'))
    await fork({}, 'b')
    await post(`${url}/b`, long('b'))
    await fork({ 'stream-forked-from': 'b' }, 'c')
    await Promise.all([post(`${url}/a`, '"late"'), post(`${url}/c`, long('c'))])

    const messages: unknown[] = []
    let pages = 0
    for (let offset = '-1'; ; pages++) {
      const page = await fetch(`${url}/c?offset=${offset}`)
      messages.push(...((await page.json()) as unknown[]))
      offset = page.headers.get('stream-next-offset')!
      if (page.headers.get('stream-up-to-date')) break
    }
    expect(pages).toBeGreaterThan(1)
    const each = (letter: string) => [letter.repeat(700_000), letter]
    expect(messages).toEqual([1, 'two', [3], ...each('a'), ...each('b'), ...each('c')])
  })

  it('keeps a chain of sources as long as it lives, and no chain is longer than 256', async () => {
    const { fork, url } = await sourceOnServer()
    await createStream(url, { path: 's0', body: '0' })
    for (let i = 1; i <= 256; i++) {
      const made = await fork({ 'stream-forked-from': `s${i - 1}` }, `s${i}`, `${i}`)
      expect(made.status).toBe(201)
    }
    expect((await fork({ 'stream-forked-from': 's256' }, 's257')).status).toBe(409)
    for (let i = 0; i < 256; i++) await fetch(`${url}/s${i}`, { method: 'DELETE' })
    expect(await (await fetch(`${url}/s256`)).json()).toEqual(
      Array.from({ length: 257 }, (_, i) => i),
    )
    expect((await fetch(`${url}/s256`, { method: 'DELETE' })).status).toBe(204)
    for (const i of [0, 100, 255]) expect((await fetch(`${url}/s${i}`)).status).toBe(404)
  })
})
