import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest'
import { DurableStream, type EndpointOptions, stream } from '../../src/core/index.ts'
import { setLiveFetch } from '../../src/core/live.ts'
import type { StateStreamOptions } from '../../src/state/db/state-stream.ts'
import { createStreamDB } from '../../src/state/db/index.ts'
import { openShared } from '../../src/state/db/open-shared.ts'
import { presenceOfHook } from '../../src/state/presence/presence-of-hook.ts'
import {
  createPresence,
  createSharedStore,
  createStreamText,
  type PresenceRoom,
  setStateReducer,
  type SharedStoreOptions,
  type StreamTextOptions,
} from '../../src/state/store/index.ts'
import { createStores, type Stores, type StoresOptions } from '../../src/state/store/stores.ts'
import { textOfHook } from '../../src/state/stream-text/text-of-hook.ts'
import { eventually } from '../support/eventually.ts'
import { createStream, startServer } from '../support/server.ts'
import { schema } from './chat.ts'
import { readsLive } from '../support/live-reads.ts'

type Connection = EndpointOptions['connection']

/** What the live reads of a server, by its origin, were told to share; in order of sending. */
const asked = new Map<string, Connection[]>()

// Stands where the page's one connection is, and lets each read have one of its own.
setLiveFetch(({ connection, send, target, init }) => {
  asked.set(target.origin, [...(asked.get(target.origin) ?? []), connection])
  return send(target, init)
})

/** All that reads a stream live, and how it is told which connections to share. */
const READERS: Readonly<Record<string, (endpoint: EndpointOptions) => unknown>> = {
  stream: async (endpoint) => {
    const response = await stream(endpoint)
    response.subscribeText(() => {})
    onTestFinished(() => response.cancel())
  },
  DurableStream: async (endpoint) => {
    const response = await new DurableStream(endpoint).stream()
    response.subscribeText(() => {})
    onTestFinished(() => response.cancel())
  },
  createSharedStore: (endpoint) =>
    watch(createSharedStore({ ...endpoint, reducer: setStateReducer, initialState: 0 })),
  'a store of a provider': (endpoint) => watch(provider(endpoint).state('a', 0)),
  createStreamDB: (streamOptions) =>
    startDatabase(createStreamDB({ streamOptions, state: schema })),
  'useStreamDB with a provider': (endpoint) => {
    const surroundings = { stores: provider(endpoint), hydration: undefined }
    startDatabase(openShared({ key: 'a', state: schema }, surroundings).db)
  },
  createPresence: (endpoint) => watch(createPresence(endpoint, { id: 'ann' })),
  'usePresence with a provider': (endpoint) =>
    watch(presenceOfHook('usePresence', 'a', provider(endpoint), { id: 'ann' }, {})),
  createStreamText: ({ url, ...options }) => watch(createStreamText(url, options)),
  'useStreamText with a provider': (endpoint) => watch(textOfHook('a', provider(endpoint), {})),
}

function watch(shared: { subscribe: (onChange: () => void) => () => void }): void {
  onTestFinished(shared.subscribe(() => {}))
}

function provider({ url, ...options }: EndpointOptions): Stores {
  return createStores({ ...options, serverUrl: new URL('.', url).href })
}

function startDatabase(db: { preload: () => Promise<void>; close: () => void }): void {
  onTestFinished(() => db.close())
  void db.preload()
}

interface OpenEndpoint {
  endpoint: EndpointOptions
  /** What each live read of the server was told to share. */
  told: () => Connection[] | undefined
  /** How many live reads were sent. */
  sent: () => number
}

/** A stream of a server of its own, by a `fetch` that is no other page's. */
async function openEndpoint(): Promise<OpenEndpoint> {
  const { url } = await startServer()
  let sent = 0
  return {
    sent: () => sent,
    told: () => asked.get(new URL(url).origin),
    endpoint: {
      url: await createStream(url),
      fetch: (input, init) => {
        if (readsLive(input)) sent++
        return fetch(input, init)
      },
    },
  }
}

describe.each(Object.entries(READERS))('what reads by %s', (_name, read) => {
  it.each([undefined, 'browser', 'page'] as const)(
    'shares as it is told: %s',
    async (connection) => {
      const { endpoint, told } = await openEndpoint()
      await read({ ...endpoint, connection })
      await eventually(() => expect(told()).toEqual([connection]))
    },
  )

  it('shares nothing when it is told so', async () => {
    const { endpoint, sent, told } = await openEndpoint()
    await read({ ...endpoint, connection: 'stream' })
    await eventually(() => expect(sent()).toBe(1))
    expect(told()).toBe(undefined)
  })
})

describe('two that are told to share other connections', () => {
  const options = { url: 'http://127.0.0.1:9/v1/stream/count', headers: { authorization: 'x' } }

  it('are one store all the same', () => {
    const value = { ...options, reducer: setStateReducer, initialState: 0 }
    const one = createSharedStore(value)
    expect(createSharedStore({ ...value, connection: 'page' })).toBe(one)
    expect(createSharedStore({ ...value, connection: 'stream' })).toBe(one)
  })

  it('are one text all the same', () => {
    const one = createStreamText(options.url, { connection: 'page' })
    expect(createStreamText(options.url, { connection: 'stream' })).toBe(one)
  })

  it('are one presence all the same', () => {
    const join = (connection: Connection) =>
      presenceOfHook('usePresence', 'a', provider({ ...options, connection }), { id: 'ann' }, {})
    expect(join('page')).toBe(join('stream'))
  })
})

it('what a hook is told itself counts more than what its provider was told', async () => {
  const { endpoint, told } = await openEndpoint()
  const stores = provider({ ...endpoint, connection: 'browser' })
  watch(textOfHook('a', stores, { connection: 'page' }))
  await eventually(() => expect(told()).toEqual(['page']))
})

it('the server of another is not asked as the provider says', async () => {
  const { endpoint, told } = await openEndpoint()
  const { url } = await startServer()
  const stores = createStores({ serverUrl: url, connection: 'page' })
  watch(textOfHook(String(endpoint.url), stores, {}))
  await eventually(() => expect(told()).toEqual([undefined]))
})

it('is an option wherever an endpoint is named', () => {
  expectTypeOf<Connection>().toEqualTypeOf<'browser' | 'page' | 'stream' | undefined>()
  expectTypeOf<StoresOptions['connection']>().toEqualTypeOf<Connection>()
  expectTypeOf<StateStreamOptions['connection']>().toEqualTypeOf<Connection>()
  expectTypeOf<StreamTextOptions['connection']>().toEqualTypeOf<Connection>()
  expectTypeOf<SharedStoreOptions<number, number>['connection']>().toEqualTypeOf<Connection>()
  expectTypeOf<Extract<PresenceRoom, EndpointOptions>['connection']>().toEqualTypeOf<Connection>()
})
