import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StreamError } from '../../../src/core/errors.ts'
import { eventually } from '../../support/eventually.ts'
import { openDesk } from './hub-reading.ts'

const nextTick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('of many streams in one answer', () => {
  it.each([401, 403, 404, 410, 503])(
    'one that is answered %i disturbs no other',
    async (status) => {
      const { server, ask } = openDesk()
      for (const path of ['a', 'b', 'c']) server.append(path, 'old')
      server.refused.set('b', status)
      const [a, b, c] = await Promise.all(
        ['a', 'b', 'c'].map((path) => ask(path, server.tail(path))),
      )
      for (const path of ['a', 'b', 'c']) server.append(path, 'new')

      expect(b).toMatchObject({ status, text: `{"error":{"message":"status ${status}"}}` })
      await eventually(() => expect([a!.items, c!.items]).toEqual([['new'], ['new']]))
      expect(server.posts).toHaveLength(1)
    },
  )

  it('one that is refused when others are added ends, and tells why when it is asked for', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b', 'c']) server.append(path, 'old')
    const [a, b] = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    server.refused.set('b', 403)
    await ask('c', server.tail('c'))

    await eventually(() => expect(b!.ended).toBe('cleanly'))
    expect((await ask('b', server.tail('b'))).status).toBe(403)
    server.append('a', 'new')
    await eventually(() => expect(a!.items).toEqual(['new']))
    expect(a!.ended).toBeUndefined()
  })

  it('one that is deleted ends, and is read anew when it is created again', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    const [a, b] = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    const before = server.tail('b')
    server.remove('b')
    await eventually(() => expect(b!.ended).toBe('cleanly'))
    expect((await ask('b', before)).status).toBe(404)
    server.append('b', 'another')
    expect((await ask('b', before)).status).toBe(410)
    const anew = await ask('b', server.tail('b', 0))

    await eventually(() => expect(anew.items).toEqual(['another']))
    server.append('a', 'new')
    await eventually(() => expect(a!.items).toEqual(['new']))
    expect(server.open()).toBe(1)
  })

  it('one that is closed ends with what came last', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    const [a, b] = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    server.append('b', 'last')
    server.close('b')
    await eventually(() => expect(b).toMatchObject({ items: ['last'], ended: 'cleanly' }))
    server.append('a', 'new')

    await eventually(() => expect(a!.items).toEqual(['new']))
    expect(a!.ended).toBeUndefined()
  })
})

describe('when the connection', () => {
  it('ends, all bodies end, and one request carries who asks again', async () => {
    const { server, ask } = openDesk()
    const paths = ['a', 'b', 'c']
    for (const path of paths) server.append(path, 'old')
    const first = await Promise.all(paths.map((path) => ask(path, server.tail(path))))
    server.end()
    await eventually(() => {
      for (const { ended } of first) expect(ended).toBe('cleanly')
    })
    for (const path of paths) server.append(path, 'new')
    const second = await Promise.all(first.map(({ offset }, i) => ask(paths[i]!, offset)))

    await eventually(() =>
      expect(second.map(({ items }) => items)).toEqual([['new'], ['new'], ['new']]),
    )
    expect(server.posts).toHaveLength(2)
  })

  it('breaks, all bodies break, and so do the joins that wait', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    const a = await ask('a', server.tail('a'))
    server.answer = async () => {
      throw new TypeError('fetch failed')
    }
    const b = ask('b', server.tail('b'))

    await expect(b).rejects.toThrow('fetch failed')
    await eventually(() => expect(a.ended).toBe('broken'))
    expect(server.open()).toBe(0)
  })

  it('ends before a stream is answered, its reader hears of a failure, not of silence', async () => {
    const { server, ask } = openDesk()
    server.append('a', 'old')
    server.answer = () => new Response('', { headers: { 'content-type': 'text/event-stream' } })

    await expect(ask('a', server.tail('a'))).rejects.toThrow('ended before it answered')
  })

  it('is thought dead by one reader, a new one shows all of them that it lives', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    const [a, b] = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    b!.leave(new StreamError('disconnected', 'silence'))
    await eventually(() => expect(server.posts).toHaveLength(2))
    server.append('a', 'new')

    await eventually(() => expect(a!.items).toEqual(['new']))
    expect(server.open()).toBe(1)
  })
})

describe('when the request for many streams is answered', () => {
  it.each([408, 425, 429, 500, 502, 503])(
    '%i, that is what every stream is answered',
    async (status) => {
      const { server, ask } = openDesk()
      for (const path of ['a', 'b']) server.append(path, 'old')
      server.answer = () => new Response('later', { status, headers: { 'retry-after': '7' } })
      const answers = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))

      expect(answers).toMatchObject([
        { status, text: 'later' },
        { status, text: 'later' },
      ])
      server.answer = undefined
      expect((await ask('a', server.tail('a'))).status).toBe(200)
      expect(server.alone).toEqual([])
    },
  )

  it.each([400, 403, 404, 405, 410, 415, 501])(
    '%i, each stream is asked for by itself from then on',
    async (status) => {
      const { server, ask } = openDesk()
      for (const path of ['a', 'b']) server.append(path, 'old')
      server.answer = () => new Response('what?', { status })
      await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
      await ask('a', server.tail('a'))

      expect(server.posts).toHaveLength(1)
      expect(server.alone).toHaveLength(3)
    },
  )

  it.each([
    ['a page', '<!doctype html>', 'text/html'],
    ['events that nobody understands', 'event: response\nid: a\ndata:?\n\n', 'text/event-stream'],
    ['a status that is none', 'event: response\nid: a\ndata:{"status":7}\n\n', 'text/event-stream'],
  ])('with %s, each stream is asked for by itself', async (_, body, type) => {
    const { server, ask } = openDesk()
    server.append('a', 'old')
    server.answer = () => new Response(body, { headers: { 'content-type': type } })

    expect((await ask('a', server.tail('a'))).status).toBe(200)
    expect(server.alone).toHaveLength(1)
  })

  it('by a server that was rolled back, all streams go on by themselves', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b', 'c']) server.append(path, 'old')
    const [a, b] = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    server.answer = () => new Response('__ds is reserved', { status: 501 })
    await ask('c', server.tail('c'))

    await eventually(() => expect([a!.ended, b!.ended]).toEqual(['cleanly', 'cleanly']))
    await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    expect(server.posts).toHaveLength(2)
    expect(server.alone).toHaveLength(3)
  })

  it('401, each stream is asked for by itself until there is another token', async () => {
    const { server, ask } = openDesk()
    server.append('a', 'old')
    server.answer = ({ headers }) =>
      headers.get('authorization') === 'old' ? new Response('', { status: 401 }) : undefined
    const at = server.tail('a')
    for (const authorization of ['old', 'old', 'new'])
      await ask('a', at, { headers: { authorization } })

    expect(server.alone).toHaveLength(2)
    expect(server.posts.map(({ headers }) => headers.get('authorization'))).toEqual(['old', 'new'])
  })

  it('413, it is asked for fewer at a time', async () => {
    const { server, ask } = openDesk()
    const paths = Array.from({ length: 10 }, (_, i) => `${i}`)
    for (const path of paths) server.append(path, 'old')
    server.answer = ({ streams }) =>
      streams.length > 4 ? new Response('', { status: 413 }) : undefined
    const readings = await Promise.all(paths.map((path) => ask(path, server.tail(path))))

    expect(readings.map(({ status }) => status)).toEqual(paths.map(() => 200))
    expect(server.open()).toBe(5)
    expect(server.alone).toEqual([])
  })

  it('413, it is asked for all at once again after five minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    const askBoth = () => Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    server.answer = ({ streams }) => (streams[1] ? new Response('', { status: 413 }) : undefined)
    const readings = await askBoth()
    expect(server.open()).toBe(2)

    server.answer = undefined
    vi.setSystemTime(Date.now() + 5 * 60_000)
    server.end()
    await eventually(() => expect(readings.map(({ ended }) => !!ended)).toEqual([true, true]))
    await askBoth()
    expect(server.open()).toBe(1)
  })

  it('never, three times in a row where plain reads are, each stream is asked for by itself', async () => {
    const { server, ask } = openDesk()
    server.append('a', 'old')
    server.answer = async () => {
      throw new TypeError('CORS')
    }
    for (let i = 0; i < 3; i++) await ask('a', server.tail('a')).catch(() => undefined)
    await nextTick()

    expect((await ask('a', server.tail('a'))).status).toBe(200)
    expect(server.posts).toHaveLength(3)
  })
})

describe('tokens', () => {
  const withToken = (authorization: string): object => ({ headers: { authorization } })

  it('are those that each reader asks with', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b', 'c']) server.append(path, 'old')
    await Promise.all([
      ask('a', server.tail('a'), withToken('one')),
      ask('b', server.tail('b'), withToken('one')),
      ask('c', server.tail('c'), withToken('two')),
    ])

    const asked = server.posts.map(({ headers, streams }) => [
      headers.get('authorization'),
      ...streams.map(({ path }) => path),
    ])
    expect(asked).toEqual([
      ['one', 'a', 'b'],
      ['two', 'c'],
    ])
  })

  it('that are in the query are sent there', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    await ask('a', server.tail('a'), { query: '&cursor=8&token=one&cache-buster=5' })
    await ask('b', server.tail('b'), { query: '&token=two' })

    expect(server.posts.map(({ url }) => url)).toEqual([
      'http://server.test/v1/__ds/live?token=one',
      'http://server.test/v1/__ds/live?token=two',
    ])
  })

  it('are never sent to another server, whatever an answer says', async () => {
    const { server, ask } = openDesk()
    server.append('a', 'old')
    const multiplex = 'http://elsewhere.test/v1/__ds/live'
    await ask('a', server.tail('a'), { ...withToken('one'), multiplex })

    expect(server.posts).toEqual([])
    expect(server.alone).toHaveLength(1)
  })

  it('of many kinds take no connection each where connections are few', async () => {
    const { server, ask } = openDesk(true)
    for (let i = 0; i < 10; i++) {
      server.append(`${i}`, 'old')
      await ask(`${i}`, server.tail(`${i}`), withToken(`${i}`))
    }

    expect(server.posts).toHaveLength(2)
    await eventually(() => expect(server.open()).toBe(0))
    expect(server.alone).toHaveLength(8)
  })
})
