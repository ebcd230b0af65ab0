import { describe, expect, it, onTestFinished } from 'vitest'
import { DurableStream, type StreamError } from '../../src/core/index.ts'
import {
  createSharedStore,
  type Reducer,
  setStateReducer,
  type SharedStore,
  type SharedStoreOptions,
} from '../../src/state/store/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Fate, scriptedFetch } from '../support/scripted-fetch.ts'
import { startServer } from '../support/server.ts'
import { readsLive } from '../support/live-reads.ts'

const backoff = { firstDelayMs: 5, maxDelayMs: 20 }
const concat: Reducer<readonly string[], string> = (words, word) => {
  if (word === 'bad') throw new Error('no such word')
  return [...words, word]
}

type Words = SharedStore<readonly string[], string>

/** A page of its own: nobody else has its `fetch`. */
function openWords(
  url: string,
  options: Partial<SharedStoreOptions<readonly string[], string>> = {},
): Words {
  const store = createSharedStore({
    url,
    reducer: concat,
    initialState: [],
    backoff,
    fetch: (input, init) => fetch(input, init),
    ...options,
  })
  onTestFinished(store.subscribe(() => undefined))
  return store
}

function shows(store: Words, ...state: string[]): Promise<void> {
  return eventually(() => expect(store.getSnapshot()).toMatchObject({ state, pending: 0 }))
}

async function stored(url: string): Promise<unknown[]> {
  const response = await new DurableStream<{ value: unknown }>({ url }).stream({ live: false })
  return (await response.json()).map(({ value }) => value)
}

describe('a tab', () => {
  const value = { reducer: setStateReducer, initialState: 0 }

  it('has one store of a stream, however its address is written', () => {
    const url = 'http://127.0.0.1:9/v1/stream/one'
    const token = (): string => 'secret'
    const one = createSharedStore({ url, ...value, headers: { authorization: token } })
    const sameUrl = 'http://127.0.0.1:9/v1/x/../stream/one'
    const same = { ...value, headers: { authorization: token } }
    expect(createSharedStore({ url: sameUrl, ...same })).toBe(one)
    expect(createSharedStore({ url: new URL(url), ...same })).toBe(one)
  })

  it('has another one for another person, server or stream', () => {
    const url = 'http://127.0.0.1:9/v1/stream/two'
    const one = createSharedStore({ url, ...value, headers: { a: 'b' } })
    const others = [
      { url, headers: { a: 'c' } },
      { url, params: { a: 'b' } },
      { url },
      { url, headers: { a: 'b' }, fetch: (): Promise<Response> => Promise.reject(new Error()) },
      { url: `${url}2`, headers: { a: 'b' } },
    ].map((options) => createSharedStore({ ...options, ...value }))
    expect(new Set([one, ...others]).size).toBe(6)
  })

  it('opens one connection for all who ask', async () => {
    const { url } = await startServer()
    let live = 0
    const counting: typeof fetch = (input, init) => {
      if (readsLive(input)) live++
      return fetch(input, init)
    }
    const stores = [1, 2, 3].map(() => openWords(`${url}/words`, { fetch: counting }))
    await eventually(() => expect(stores[0]!.status.kind).toBe('live'))
    stores[1]!.dispatch('a')
    await Promise.all(stores.map((store) => shows(store, 'a')))
    expect(live).toBe(1)
  })

  it('is told how to mend two uses of one stream that contradict each other', () => {
    const url = 'http://127.0.0.1:9/v1/stream/three'
    const first = createSharedStore({ url, ...value })
    const twice = (): unknown => createSharedStore({ url, ...value, initialState: 1 })
    expect(twice).toThrow(expect.objectContaining({ code: 'conflict' }))
    expect(twice).toThrow(/stream\/three.*initial value 0.*initial value 1.*another name/)
    expect(() => createSharedStore({ url, reducer: (n: number) => n, initialState: 0 })).toThrow(
      /useServerState.*useServerReducer/,
    )
    expect(first.getSnapshot().state).toBe(0)
  })

  it('may use a stream otherwise when nobody uses it any more', async () => {
    const { url } = await startServer()
    const options = { url: `${url}/value`, ...value, releaseAfterMs: 0 }
    const first = createSharedStore(options)
    first.subscribe(() => undefined)()
    const second = createSharedStore({ ...options, initialState: 1 })
    expect(second.getSnapshot().state).toBe(1)
  })

  it('says of an address that is none what is wrong, when it is read', async () => {
    const store = createSharedStore({ url: '/v1/stream/a', ...value })
    onTestFinished(store.subscribe(() => undefined))
    await eventually(() => expect(store.status.kind).toBe('error'))
    expect(store.getSnapshot().error?.message).toContain('"/v1/stream/a" is no absolute')
  })
})

describe('a write that is refused', () => {
  const forbidden: Fate = { status: 403 }

  it('can be made again once, after what is pending, and dismissed twice', async () => {
    const { url } = await startServer()
    const { fetch } = scriptedFetch(forbidden)
    const errors: StreamError[] = []
    const store = openWords(`${url}/words`, { fetch, onError: (error) => errors.push(error) })
    await eventually(() => expect(store.status.kind).toBe('live'))
    store.dispatch('a')
    await eventually(() => expect(store.failures).toHaveLength(1))
    expect(store.getSnapshot()).toMatchObject({ state: [], pending: 0 })
    expect(errors).toEqual([store.failures[0]!.error])

    store.dispatch('b')
    const [failure] = store.failures
    failure!.retry()
    failure!.retry()
    failure!.dismiss()
    failure!.dismiss()
    expect(store.getSnapshot()).toMatchObject({ state: ['b', 'a'], failures: [] })
    await shows(store, 'b', 'a')
    expect(await stored(`${url}/words`)).toEqual(['b', 'a'])
  })

  it('takes no neighbour along when it is too large', async () => {
    const { url } = await startServer({ maxBodyBytes: 2000 })
    const store = openWords(`${url}/words`)
    const large = 'x'.repeat(3000)
    for (const word of ['a', large, 'b', 'c']) store.dispatch(word)
    await shows(store, 'a', 'b', 'c')
    expect(store.failures).toMatchObject([{ action: large, error: { code: 'too-large' } }])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b', 'c'])
  })

  it('as an update is computed again from the state as it is then', async () => {
    const { url } = await startServer()
    const { fetch } = scriptedFetch(forbidden)
    const open = (own?: typeof globalThis.fetch) => {
      const store = createSharedStore({
        url: `${url}/count`,
        reducer: setStateReducer,
        initialState: 0,
        backoff,
        fetch: own ?? ((input, init) => globalThis.fetch(input, init)),
      })
      onTestFinished(store.subscribe(() => undefined))
      return store
    }
    const [one, other] = [open(fetch), open()]
    await eventually(() => expect(one.status.kind).toBe('live'))
    one.update((count) => count + 1)
    await eventually(() => expect(one.failures).toHaveLength(1))
    other.update((count) => count + 10)
    await eventually(() => expect(one.getSnapshot().state).toBe(10))
    one.failures[0]!.retry()
    await eventually(() => expect(other.getSnapshot().state).toBe(11))
  })

  it('stays in the list when trying again throws', async () => {
    const { url } = await startServer()
    const { fetch } = scriptedFetch(forbidden)
    let isBroken = false
    const store = openWords(`${url}/words`, {
      fetch,
      reducer: (words, word) => {
        if (isBroken) throw new Error('broken')
        return [...words, word]
      },
    })
    await eventually(() => expect(store.status.kind).toBe('live'))
    store.dispatch('a')
    await eventually(() => expect(store.failures).toHaveLength(1))
    isBroken = true
    expect(() => store.failures[0]!.retry()).toThrow('broken')
    isBroken = false
    store.failures[0]!.retry()
    await shows(store, 'a')
  })
})

describe('an answer that is lost', () => {
  it.each<Fate>(['reply-lost', 'refused', { status: 503 }])(
    'has its write stored once (%o)',
    async (fate) => {
      const { url } = await startServer()
      const { fetch } = scriptedFetch(fate, fate, 'ok', fate)
      const store = openWords(`${url}/words`, { fetch })
      store.dispatch('a')
      await shows(store, 'a')
      store.dispatch('b')
      await shows(store, 'a', 'b')
      expect(await stored(`${url}/words`)).toEqual(['a', 'b'])
    },
  )

  it('of a write that fails by its policy, and was stored, is no failure for long', async () => {
    const { url } = await startServer()
    const { fetch } = scriptedFetch('reply-lost')
    const other = openWords(`${url}/words`)
    const store = openWords(`${url}/words`, { fetch, backoff: { ...backoff, maxAttempts: 1 } })
    await eventually(() => expect(store.status.kind).toBe('live'))
    store.dispatch('a')
    await Promise.all([shows(store, 'a'), shows(other, 'a')])
    expect(store.failures).toEqual([])
  })
})

describe('a snapshot', () => {
  it('is the same one while nothing has changed, whatever the stream brings', async () => {
    const { url } = await startServer()
    const store = openWords(`${url}/words`, {
      reducer: (words, word) => (words.includes(word) ? words : [...words, word]),
    })
    store.dispatch('a')
    await shows(store, 'a')
    const before = store.getSnapshot()
    const { offset } = store
    const stream = new DurableStream({ url: `${url}/words`, contentType: 'application/json' })
    const headers = { operation: 'insert' }
    await stream.append({ type: 'action', key: 'k', value: 'a', headers })
    await eventually(() => expect(store.offset > offset).toBe(true))
    expect(store.getSnapshot()).toBe(before)
  })

  it('keeps the very state that was shown when the stream confirms it', async () => {
    const { url } = await startServer()
    const store = openWords(`${url}/words`)
    await eventually(() => expect(store.status.kind).toBe('live'))
    store.dispatch('a')
    store.dispatch('b')
    const { state } = store.getSnapshot()
    await shows(store, 'a', 'b')
    expect(store.getSnapshot().state).toBe(state)
  })

  it('says that all is read only together with what was read', async () => {
    const { url } = await startServer()
    const writer = openWords(`${url}/words`)
    writer.dispatch('a')
    await shows(writer, 'a')
    const seen: string[] = []
    const store = openWords(`${url}/words`)
    const leave = store.subscribe(() => {
      const { state, status } = store.getSnapshot()
      seen.push(`${status.kind} ${state.join()}`)
    })
    onTestFinished(leave)
    await shows(store, 'a')
    expect(seen).not.toContain('live ')
  })
})

describe('a reducer that throws', () => {
  it('skips that event, tells of it, and agrees with everyone on what comes after', async () => {
    const { url } = await startServer()
    const stream = await DurableStream.create({
      url: `${url}/words`,
      contentType: 'application/json',
    })
    const actionOf = (value: string, txid: string): unknown => ({
      type: 'action',
      key: txid,
      value,
      headers: { operation: 'insert', txid },
    })
    await stream.appendAll([actionOf('a', 't1'), actionOf('bad', 't2'), actionOf('b', 't3')])
    const errors: StreamError[] = []
    const store = openWords(`${url}/words`, { onError: (error) => errors.push(error) })
    await shows(store, 'a', 'b')
    expect(errors).toMatchObject([{ code: 'invalid', message: expect.stringContaining('"bad"') }])
    expect(() => store.dispatch('bad')).toThrow('no such word')
    expect(store.getSnapshot().pending).toBe(0)
    store.update((words) => `after ${words.length}`)
    await shows(openWords(`${url}/words`), 'a', 'b', 'after 2')
  })
})
