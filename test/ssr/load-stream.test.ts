import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { StreamError } from 'streamwell'
import {
  loadMultipleStreamsWithReducers,
  loadStreamWithReducer,
  setStateReducer,
} from 'streamwell/ssr'
import { startFaultyServer } from '../support/faulty-server.ts'
import { act, set, startSite, sum } from './site.ts'

describe('a page that is rendered on a server', () => {
  it('has the value that everyone shares', async () => {
    const { create, write, options } = await startSite()
    await create('demo/counter')
    await write('demo/counter', set(5, { txid: 'five' }), set(6, { txid: 'six' }))

    expect(
      await loadStreamWithReducer({
        ...options,
        path: 'demo/counter',
        reducer: setStateReducer,
        initialState: 0,
      }),
    ).toEqual({
      path: 'demo/counter',
      kind: 'state',
      state: 6,
      version: 'six',
      untagged: 0,
      offset: expect.stringMatching(/^\d{16}$/),
    })
  })

  it('has what all actions add up to, without being told that they are actions', async () => {
    const { create, write, options } = await startSite()
    await create('sum')
    await write('sum', act(1), act(2), act(3, { txid: 'three' }))

    const load = { ...options, path: 'sum', ...sum }
    const loaded = { kind: 'action', state: 6, version: 'three', untagged: 2 }
    expect(await loadStreamWithReducer(load)).toMatchObject(loaded)
    expect(await loadStreamWithReducer({ ...load, usePayloadAsAction: true })).toMatchObject(loaded)
  })

  it('of a stream that nobody has made has the initial state, and makes none', async () => {
    const { options, serverUrl } = await startSite()
    const missing = { path: 'nowhere', kind: 'action', state: 0, version: 'initial', untagged: 0 }

    const load = (): Promise<unknown> =>
      loadStreamWithReducer({ ...options, path: 'nowhere', ...sum })
    expect(await load()).toEqual({ ...missing, offset: '-1' })
    expect(await load()).toEqual({ ...missing, offset: '-1' })
    expect((await fetch(`${serverUrl}/nowhere`)).status).toBe(404)
    expect(options.cache.stats().size).toBe(0)
  })

  it('of an empty stream goes on at its end', async () => {
    const { create, options } = await startSite()
    await create('sum')
    const { state, offset } = await loadStreamWithReducer({ ...options, path: 'sum', ...sum })
    expect({ state, offset }).toEqual({ state: 0, offset: '0'.repeat(16) })
  })

  it('reads a stream of many pages to its end', async () => {
    const { create, write, options, asked } = await startSite()
    await create('sum')
    const big = { note: 'x'.repeat(300_000) }
    for (let n = 0; n < 5; n++) await write('sum', { ...act(1), ...big })

    expect(await loadStreamWithReducer({ ...options, path: 'sum', ...sum })).toMatchObject({
      state: 5,
    })
    expect(asked.length).toBeGreaterThan(1)
  })

  it('reaches a stream whose name has to be encoded', async () => {
    const { create, write, options } = await startSite()
    await create('r%C3%A4ume/a%20b')
    await write('r%C3%A4ume/a%20b', act(4))
    const loaded = await loadStreamWithReducer({ ...options, path: 'räume/a b', ...sum })
    expect(loaded).toMatchObject({ path: 'räume/a b', state: 4 })
  })
})

describe('what is in a stream, and none of its own', () => {
  it('is skipped, and told of with the path', async () => {
    const { create, write, options } = await startSite()
    const skipped: string[] = []
    await create('sum')
    await write('sum', act(1), 'junk', set(9), act('poison'), act(2))

    const loaded = await loadStreamWithReducer({
      ...options,
      path: 'sum',
      reducer(total: number, amount: number): number {
        if (typeof amount !== 'number') throw new TypeError('no number')
        return total + amount
      },
      initialState: 0,
      onError: ({ code, message }, path) => skipped.push(`${path} ${code} ${message}`),
    })
    expect(loaded).toMatchObject({ state: 3, untagged: 3 })
    expect(skipped).toEqual([
      expect.stringContaining('sum malformed Skipped, as no action event of a store: "junk"'),
      expect.stringContaining(
        'sum malformed Skipped, as no action event of a store: {"type":"state"',
      ),
      expect.stringContaining('sum invalid The reducer threw on "poison": TypeError: no number'),
    ])
  })

  it('is what the schema refuses; and what it makes of the others counts', async () => {
    const { create, write, options } = await startSite()
    await create('name')
    await write('name', set('  Ada '), set(7))
    const skipped: string[] = []
    const loaded = await loadStreamWithReducer({
      ...options,
      path: 'name',
      reducer: setStateReducer,
      initialState: '',
      schema: z.string().trim(),
      onError: ({ message }) => skipped.push(message),
    })
    expect(loaded.state).toBe('Ada')
    expect(skipped).toEqual([expect.stringContaining('7 breaks the schema')])
  })

  it('stops no page when the one who is told throws', async () => {
    const { create, write, options } = await startSite()
    await create('sum')
    await write('sum', 'junk', act(2))
    const reported: unknown[] = []
    const { reportError } = globalThis
    globalThis.reportError = (error: unknown) => reported.push(error)
    try {
      const onError = (): never => {
        throw new Error('no logger')
      }
      const loaded = await loadStreamWithReducer({ ...options, path: 'sum', ...sum, onError })
      expect(loaded.state).toBe(2)
      expect(reported).toEqual([new Error('no logger')])
    } finally {
      globalThis.reportError = reportError
    }
  })
})

describe('several streams of one page', () => {
  it('come together, in the order in which they were asked for', async () => {
    const { create, write, options } = await startSite()
    await create('count')
    await write('count', set(3))
    await create('sum')
    await write('sum', act(4))

    const { serverUrl, ...common } = options
    const data = await loadMultipleStreamsWithReducers(
      serverUrl,
      [
        { path: 'sum', ...sum, usePayloadAsAction: true },
        { path: 'count', reducer: setStateReducer, initialState: 0 },
        { path: 'none', reducer: setStateReducer, initialState: 'nothing' },
      ],
      common,
    )
    expect(data.map(({ path, state }) => ({ path, state }))).toEqual([
      { path: 'sum', state: 4 },
      { path: 'count', state: 3 },
      { path: 'none', state: 'nothing' },
    ])
  })

  it('may be many, on a server that warns of too many listeners', async () => {
    const { options } = await startSite()
    const warnings: string[] = []
    const onWarning = ({ message }: Error): void => void warnings.push(message)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const streams = Array.from({ length: 30 }, (_, n) => ({ path: `stream-${n}`, ...sum }))
    const { signal } = new AbortController()
    await loadMultipleStreamsWithReducers(options.serverUrl, streams, { ...options, signal })
    await new Promise(setImmediate)
    expect(warnings).toEqual([])
  })

  it('end when the page is left', async () => {
    const { options } = await startSite()
    const leaver = new AbortController()
    const loading = loadMultipleStreamsWithReducers(options.serverUrl, [{ path: 'a', ...sum }], {
      ...options,
      signal: leaver.signal,
    })
    leaver.abort('left')
    await expect(loading).rejects.toBe('left')
  })

  it('fail together, and leave no request behind', async () => {
    let left = 0
    const { url } = await startFaultyServer(({ url, res }) => {
      res.on('close', () => left++)
      if (url.pathname.endsWith('/forbidden')) res.writeHead(403).end()
    }, 'http://127.0.0.1:9/v1/stream')
    const loading = loadMultipleStreamsWithReducers(
      url,
      [
        { path: 'slow', ...sum },
        { path: 'forbidden', ...sum },
      ],
      { useCache: false, timeoutMs: 60_000 },
    )
    await expect(loading).rejects.toMatchObject({ code: 'forbidden', status: 403 })
    await expect.poll(() => left).toBe(2)
  })
})

describe('what cannot be loaded is told at once', () => {
  it.each([
    ['a path that is none', { path: '/sum' }, 'invalid', '"/sum"'],
    ['a server without a host', { serverUrl: '/v1/stream' }, 'invalid', '"/v1/stream/sum"'],
    ['a timeout that is none', { timeoutMs: NaN }, 'invalid', 'timeoutMs is NaN'],
  ])('%s', async (_, wrong, code, text) => {
    const load = loadStreamWithReducer({
      serverUrl: 'http://127.0.0.1:9/v1/stream',
      path: 'sum',
      ...sum,
      ...wrong,
    })
    await expect(load).rejects.toThrow(StreamError)
    await expect(load).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
  })

  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [501, 'unsupported'],
  ])('a server that answers %d', async (status, code) => {
    const { url } = await startFaultyServer(
      ({ res }) => res.writeHead(status).end(),
      'http://127.0.0.1:9/v1/stream',
    )
    const load = loadStreamWithReducer({ serverUrl: url, path: 'sum', ...sum, useCache: false })
    await expect(load).rejects.toMatchObject({ code, status })
  })

  it('a web page in place of a stream', async () => {
    const { url } = await startFaultyServer(
      ({ res }) => res.writeHead(200, { 'content-type': 'text/html' }).end('<p>Welcome'),
      'http://127.0.0.1:9/v1/stream',
    )
    const load = loadStreamWithReducer({ serverUrl: url, path: 'sum', ...sum, useCache: false })
    await expect(load).rejects.toMatchObject({ code: 'malformed' })
  })
})
