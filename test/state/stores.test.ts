import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import type { StreamError } from '../../src/core/index.ts'
import { hydrateStore, serverSnapshot } from '../../src/state/store/hydrate.ts'
import { memoryPersistence, type SharedStore } from '../../src/state/store/index.ts'
import { connectionOf, failuresOf, statusOf } from '../../src/state/store/overview.ts'
import { createStores } from '../../src/state/store/stores.ts'
import { whenLoaded } from '../../src/state/store/when-loaded.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { createStream, post, startServer } from '../support/server.ts'
import { appends } from '../support/live-reads.ts'

function use<State, Action>(store: SharedStore<State, Action>): () => void {
  const leave = store.subscribe(() => {})
  onTestFinished(leave)
  return leave
}

function isAt<State, Action>(store: SharedStore<State, Action>, state: State): Promise<void> {
  return eventually(() => expect(store.getSnapshot()).toMatchObject({ state, pending: 0 }))
}

/** Counts the reads of a server. */
function countReads(): { fetch: typeof fetch; reads: () => string[] } {
  const urls: string[] = []
  return {
    reads: () => urls,
    fetch: (input, init) => {
      if ((init?.method ?? 'GET') === 'GET') urls.push(new URL(String(input)).search)
      return fetch(input, init)
    },
  }
}

describe('a schema', () => {
  const schema = z.number().int().max(10)

  it('refuses what is set to the one who sets it, and sends nothing', async () => {
    const { url } = await startServer()
    const count = createStores({ serverUrl: url }).state('count', 0, { schema })
    use(count)
    expect(() => count.dispatch(11)).toThrow(/11 breaks the schema: .*10/)
    expect(() => count.update((value) => value + 0.5)).toThrow(/0.5 breaks the schema/)
    count.dispatch(3)
    await isAt(count, 3)
    expect(count.getSnapshot()).toMatchObject({ failures: [], error: undefined })
  })

  it('skips what comes in, and tells of it', async () => {
    const { url } = await startServer()
    const errors: [StreamError, string][] = []
    const stores = createStores({ serverUrl: url, onError: (...error) => void errors.push(error) })
    const count = stores.state('count', 0, { schema })
    use(count)
    count.dispatch(3)
    await isAt(count, 3)
    const event = (value: unknown) =>
      JSON.stringify({ type: 'state', key: 'value', value, headers: { operation: 'upsert' } })
    await post(`${url}/count`, event('many'))
    await post(`${url}/count`, event(4))
    await isAt(count, 4)
    expect(errors).toMatchObject([[{ code: 'invalid' }, 'count']])
    expect(errors[0]![0].message).toContain('"many" breaks the schema')
  })

  it('says how to mend one that answers later', async () => {
    const { url } = await startServer()
    const later = z.number().refine(async () => true)
    const count = createStores({ serverUrl: url }).state('count', 0, { schema: later })
    expect(() => count.dispatch(1)).toThrow(/asynchronously/)
  })
})

describe('what a server has loaded', () => {
  const loaded = {
    path: 'count',
    kind: 'state',
    state: 7,
    offset: '0000000000000000_0000000000000001',
    version: 'some',
    untagged: 0,
  } as const

  it('is shown at once, and read on from', async () => {
    const { url } = await startServer()
    const writer = createStores({ serverUrl: url }).state('count', 0)
    use(writer)
    writer.dispatch(7)
    await isAt(writer, 7)
    const { fetch, reads } = countReads()
    const count = createStores({ serverUrl: url, fetch }).state('count', 0)
    hydrateStore(count, { ...loaded, offset: writer.offset })
    expect(count.getSnapshot()).toMatchObject({ state: 7, isLoaded: true })
    use(count)
    writer.dispatch(8)
    await isAt(count, 8)
    expect(reads().every((search) => !search.includes('offset=-1'))).toBe(true)
  })

  it('takes nothing from a store that is read, or has writes that may be in it', async () => {
    const { url } = await startServer()
    const stores = createStores({ serverUrl: url })
    const read = stores.state('read', 0)
    use(read)
    read.dispatch(1)
    await isAt(read, 1)
    hydrateStore(read, { ...loaded, offset: 'z' })
    expect(read.getSnapshot().state).toBe(1)
    const written = stores.state('written', 0)
    written.dispatch(2)
    hydrateStore(written, loaded)
    expect(written.getSnapshot().state).toBe(2)
    await isAt(written, 2)
  })

  it('is what both a server and the first render of a browser show', () => {
    const count = createStores({ serverUrl: 'http://127.0.0.1:1' }).state('count', 0)
    const shown = serverSnapshot(count, loaded)
    expect(shown).toMatchObject({ state: 7, isLoaded: true, status: { kind: 'idle' }, pending: 0 })
    expect(serverSnapshot(count, loaded)).toBe(shown)
    expect(serverSnapshot(count, { ...loaded, kind: 'action' }).state).toBe(0)
    expect(serverSnapshot(count, undefined).state).toBe(0)
  })
})

describe('waiting until it is loaded', () => {
  it('reads by itself, once for all who wait', async () => {
    const { url } = await startServer()
    await createStream(url, { path: 'count' })
    const { fetch, reads } = countReads()
    const count = createStores({ serverUrl: url, fetch }).state('count', 0)
    expect(whenLoaded(count)).toBe(whenLoaded(count))
    await whenLoaded(count)
    expect(count.getSnapshot().isLoaded).toBe(true)
    expect(reads().filter((search) => !search.includes('live'))).toHaveLength(1)
  })

  it('fails with what ended the reading', async () => {
    const refuse = async (): Promise<Response> => new Response('no', { status: 401 })
    const count = createStores({ serverUrl: 'http://127.0.0.1:1', fetch: refuse }).state('a', 0)
    await expect(whenLoaded(count)).rejects.toMatchObject({ code: 'unauthorized' })
  })
})

describe('an overview of all keys', () => {
  it('opens nothing, and tells how all together are connected', async () => {
    const { url } = await startServer()
    const { port, pathname } = new URL(url)
    const proxy = await startCuttableProxy(Number(port))
    onTestFinished(() => proxy.close())
    const stores = createStores({ serverUrl: `http://127.0.0.1:${proxy.port}${pathname}` })
    const connection = connectionOf(stores)
    const ofA = statusOf(stores, 'a')
    let told = 0
    onTestFinished(connection.subscribe(() => told++))
    const a = stores.state('a', 0)
    const b = stores.state('b', 0)
    expect(connection.getSnapshot()).toEqual({ kind: 'idle' })
    use(a)
    const leaveB = use(b)
    await eventually(() => expect(connection.getSnapshot()).toEqual({ kind: 'online' }))
    expect(ofA.getSnapshot()).toEqual({ kind: 'live' })
    expect(connection.getSnapshot()).toBe(connection.getSnapshot())
    leaveB()
    proxy.setOffline(true)
    proxy.cutAll()
    await eventually(() => expect(connection.getSnapshot().kind).toBe('offline'))
    proxy.setOffline(false)
    await eventually(() => expect(connection.getSnapshot()).toEqual({ kind: 'online' }))
    expect(told).toBeGreaterThan(2)
  })

  it('lists what was refused until it is dismissed, also when its component has gone', async () => {
    const { url } = await startServer()
    const refuse: typeof fetch = async (input, init) =>
      appends(input, init) ? new Response('no', { status: 403 }) : fetch(input, init)
    const stores = createStores({ serverUrl: url, fetch: refuse })
    const failures = failuresOf(stores)
    const leave = use(stores.state('a', 0))
    stores.state('a', 0).dispatch(1)
    await eventually(() => expect(failures.getSnapshot()).toMatchObject([{ key: 'a', action: 1 }]))
    expect(failures.getSnapshot()).toBe(failures.getSnapshot())
    leave()
    use(stores.state('b', 0))
    failures.getSnapshot()[0]!.dismiss()
    expect(failures.getSnapshot()).toEqual([])
  })
})

describe('persistence', () => {
  it('shows the next visit what the last one knew, and reads only what is new', async () => {
    const { url } = await startServer()
    const persistence = memoryPersistence()
    const first = createStores({ serverUrl: url, persistence }).state('count', 0)
    const leave = use(first)
    first.dispatch(5)
    await isAt(first, 5)
    leave()
    await eventually(async () => expect(await persistence.list('checkpoint:')).toHaveLength(1))
    const { fetch, reads } = countReads()
    const second = createStores({ serverUrl: url, persistence, fetch }).state('count', 0)
    use(second)
    await isAt(second, 5)
    expect(reads().every((search) => !search.includes('offset=-1'))).toBe(true)
  })
})
