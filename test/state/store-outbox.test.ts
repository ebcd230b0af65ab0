import { describe, expect, it, onTestFinished } from 'vitest'
import { deferred } from '../../src/core/deferred.ts'
import { DurableStream, type StreamError } from '../../src/core/index.ts'
import { memoryPersistence } from '../../src/state/persistence/memory.ts'
import type { Persistence } from '../../src/state/persistence/persistence.ts'
import {
  checkpoint,
  createSharedStore,
  outbox,
  type Reducer,
  setStateReducer,
  type SharedStore,
} from '../../src/state/store/index.ts'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { startServer } from '../support/server.ts'
import { type DyingTab, openTab } from './dying-tab.ts'
import { appends, readsLive } from '../support/live-reads.ts'

const backoff = { firstDelayMs: 5, maxDelayMs: 20 }

const append: Reducer<readonly string[], string> = (words, word) => [...words, word]

interface Page extends DyingTab {
  store: SharedStore<readonly string[], string>
  errors: StreamError[]
}

interface PageOptions {
  network?: typeof fetch
  isOffline?: boolean
  withCheckpoint?: boolean
  lookEveryMs?: number
}

/** Opens a page with a list of words that all pages share. */
function openPage(url: string, storage: Persistence, options: PageOptions = {}): Page {
  const { network, isOffline = false, withCheckpoint, lookEveryMs } = options
  const tab = openTab(storage, network)
  tab.setOffline(isOffline)
  const errors: StreamError[] = []
  const store = createSharedStore({
    url,
    reducer: append,
    initialState: [],
    fetch: tab.fetch,
    backoff,
    releaseAfterMs: 0,
    onError: (error) => errors.push(error),
    outbox: outbox(tab.persistence, { lookEveryMs }),
    checkpoint: withCheckpoint
      ? checkpoint(tab.persistence, { reducerVersion: 1, everyMs: 5 })
      : undefined,
  })
  onTestFinished(store.subscribe(() => undefined))
  return { ...tab, store, errors }
}

/** The same with a number. */
function openCounter(url: string, storage: Persistence, network?: typeof fetch) {
  const tab = openTab(storage, network)
  const store = createSharedStore({
    url,
    reducer: setStateReducer<number>,
    initialState: 0,
    fetch: tab.fetch,
    backoff,
    outbox: outbox(tab.persistence),
  })
  onTestFinished(store.subscribe(() => undefined))
  return { ...tab, store }
}

function isLive({ store }: { store: Pick<Page['store'], 'status'> }): Promise<void> {
  return eventually(() => expect(store.status.kind).toBe('live'))
}

function shows({ store }: Page, state: readonly string[], pending = 0): Promise<void> {
  return eventually(() => expect(store.getSnapshot()).toMatchObject({ state, pending }))
}

/** What the outboxes hold. */
async function kept(storage: Persistence): Promise<string[]> {
  const names = await storage.list('outbox:')
  const journals = await Promise.all(names.map((name) => storage.open(name)))
  return (await Promise.all(journals.map((journal) => journal.read()))).flat()
}

function isKept(storage: Persistence, count: number): Promise<void> {
  return eventually(async () => expect(await kept(storage)).toHaveLength(count))
}

async function stored(url: string): Promise<unknown[]> {
  const response = await new DurableStream<{ value: unknown }>({ url }).stream({ live: false })
  return (await response.json()).map(({ value }) => value)
}

describe('writes made offline', () => {
  it('are shown at once after a reload, and sent once, in order, when the network is back', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const first = openPage(`${url}/words`, storage, { isOffline: true })
    for (const word of ['a', 'b', 'c']) first.store.dispatch(word)
    await isKept(storage, 3)
    first.die()

    const second = openPage(`${url}/words`, storage, { isOffline: true })
    await shows(second, ['a', 'b', 'c'], 3)
    second.store.dispatch('d')
    await isKept(storage, 4)
    second.die()

    const third = openPage(`${url}/words`, storage, { isOffline: true })
    await shows(third, ['a', 'b', 'c', 'd'], 4)
    third.setOffline(false)
    await shows(third, ['a', 'b', 'c', 'd'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b', 'c', 'd'])
    await isKept(storage, 0)
  })

  it('are kept also while those of a page that is gone are taken over', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const first = openPage(`${url}/words`, storage, { isOffline: true })
    first.store.dispatch('a')
    await isKept(storage, 1)
    first.die()

    const cleared = deferred()
    const slowToClear: Persistence = {
      ...storage,
      async open(name) {
        const journal = await storage.open(name)
        const replace = async (records: readonly string[]): Promise<void> => {
          if (records.length === 0) await cleared.promise
          await journal.replace(records)
        }
        return { ...journal, replace }
      },
    }
    const second = openPage(`${url}/words`, slowToClear, { isOffline: true })
    await shows(second, ['a'], 1)
    second.store.dispatch('b')
    cleared.resolve()
    await isKept(storage, 2)
  })

  it('that were refused are not sent by the next visit, after those that came later', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const isStored = deferred()
    const network: typeof fetch = async (input, init) => {
      const body = appends(input, init) ? String(init?.body) : ''
      if (body.includes('"b"')) return new Response('not this one', { status: 400 })
      const response = await fetch(input, init)
      if (!body.includes('"c"')) return response
      isStored.resolve()
      return new Promise(() => {})
    }
    const first = openPage(`${url}/words`, storage, { network })
    for (const word of ['a', 'b', 'c']) first.store.dispatch(word)
    await isStored.promise
    first.die()

    const second = openPage(`${url}/words`, storage)
    await shows(second, ['a', 'c'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'c'])
  })

  it('of a page that was live go out once after its reload', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const first = openPage(`${url}/words`, storage)
    first.store.dispatch('a')
    await shows(first, ['a'])
    first.setOffline(true)
    first.store.dispatch('b')
    first.store.dispatch('c')
    await isKept(storage, 2)
    first.die()
    const second = openPage(`${url}/words`, storage)
    await shows(second, ['a', 'b', 'c'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b', 'c'])
  })
})

describe('a request', () => {
  it('is not sent before it is kept', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    let open = (): void => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const slow: Persistence = {
      ...storage,
      async open(name) {
        const journal = await storage.open(name)
        return { ...journal, replace: (records) => gate.then(() => journal.replace(records)) }
      },
    }
    let keptWhenSent: string[] | undefined
    const page = openPage(`${url}/words`, slow, {
      network: async (input, init) => {
        if (appends(input, init)) keptWhenSent ??= await kept(storage)
        return fetch(input, init)
      },
    })
    await isLive(page)
    page.store.dispatch('a')
    // Another page is served meanwhile, in both directions.
    const other = openPage(`${url}/words`, memoryPersistence())
    other.store.dispatch('b')
    await shows(page, ['b', 'a'], 1)
    expect(keptWhenSent).toBeUndefined()
    open()
    await shows(page, ['b', 'a'])
    expect(keptWhenSent).toMatchObject([expect.stringMatching(/"seq":0/)])
  })
})

describe('a page that dies', () => {
  it('between a request and its answer has had its writes stored once', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    let seen = 0
    const first = openPage(`${url}/words`, storage, {
      network: async (input, init) => {
        const response = await fetch(input, init)
        if (!appends(input, init)) return response
        seen++
        return new Promise(() => {})
      },
    })
    await isLive(first)
    first.store.dispatch('a')
    await eventually(() => expect(seen).toBe(1))
    first.die()
    const second = openPage(`${url}/words`, storage)
    second.store.dispatch('b')
    await shows(second, ['a', 'b'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b'])
    await isKept(storage, 0)
  })

  it('has a request that arrives after its reload stored once, whoever comes first', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const gate = gatedFetch()
    const first = openPage(`${url}/words`, storage, { network: gate.fetch })
    await isLive(first)
    first.store.dispatch('a')
    await gate.arrived
    first.die()
    const again = gatedFetch()
    const second = openPage(`${url}/words`, storage, { network: again.fetch })
    await shows(second, ['a'], 1)
    await again.arrived
    gate.open()
    await eventually(async () => expect(await stored(`${url}/words`)).toEqual(['a']))
    again.open()
    await shows(second, ['a'])
    second.store.dispatch('b')
    await shows(second, ['a', 'b'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b'])
  })

  it('while another is open is followed by that one, which sends what it left', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const living = openPage(`${url}/words`, storage, { lookEveryMs: 10 })
    await isLive(living)
    const dying = openPage(`${url}/words`, storage)
    dying.store.dispatch('a')
    await shows(dying, ['a'])
    dying.setOffline(true)
    dying.store.dispatch('b')
    await isKept(storage, 1)
    dying.die()
    await shows(living, ['a', 'b'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b'])
  })

  it('just after its write was stored leaves it to nobody twice, though others have read on', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const living = openPage(`${url}/words`, storage, { lookEveryMs: 10, withCheckpoint: true })
    await isLive(living)
    const dying = openPage(`${url}/words`, storage, {
      // It hears of nothing any more once it has sent.
      network: async (input, init) => {
        const isLive = readsLive(input)
        if (isLive) return new Promise(() => {})
        const response = await fetch(input, init)
        return appends(input, init) ? new Promise(() => {}) : response
      },
    })
    await eventually(() => expect(dying.store.offset).not.toBe('-1'))
    dying.store.dispatch('a')
    await shows(living, ['a'])
    living.store.dispatch('b')
    await shows(living, ['a', 'b'])
    const ofDying = expect.stringContaining('"action":"a"')
    await eventually(async () => expect(await kept(storage)).toEqual([ofDying]))
    dying.die()
    await isKept(storage, 0)
    await shows(living, ['a', 'b'])

    const late = openPage(`${url}/words`, storage, { withCheckpoint: true })
    await shows(late, ['a', 'b'])
    expect(await stored(`${url}/words`)).toEqual(['a', 'b'])
  })

  it('is not sent for by two pages that open at once', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const first = openPage(`${url}/words`, storage, { isOffline: true })
    for (const word of ['a', 'b', 'c']) first.store.dispatch(word)
    await isKept(storage, 3)
    first.die()
    const pages = [1, 2, 3].map(() => openPage(`${url}/words`, storage))
    await Promise.all(pages.map((page) => shows(page, ['a', 'b', 'c'])))
    expect(await stored(`${url}/words`)).toEqual(['a', 'b', 'c'])
  })
})

describe('a start from a checkpoint', () => {
  it('that already holds a kept write drops it', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const dying = openPage(`${url}/words`, storage, {
      network: async (input, init) => {
        if (readsLive(input)) return new Promise(() => {})
        const response = await fetch(input, init)
        return appends(input, init) ? new Promise(() => {}) : response
      },
    })
    await eventually(() => expect(dying.store.offset).not.toBe('-1'))
    dying.store.dispatch('a')
    const other = openPage(`${url}/words`, storage, { withCheckpoint: true })
    await shows(other, ['a'])
    await eventually(async () => expect(await storage.list('checkpoint:')).toHaveLength(1))
    other.die()
    dying.die()
    const late = openPage(`${url}/words`, storage, { withCheckpoint: true })
    await shows(late, ['a'])
    expect(await stored(`${url}/words`)).toEqual(['a'])
    await isKept(storage, 0)
  })
})

describe('an update', () => {
  it('that nobody came before is made after a reload', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const first = openCounter(`${url}/count`, storage)
    await isLive(first)
    first.store.update((count) => count + 1)
    await eventually(() =>
      expect(first.store.getSnapshot()).toMatchObject({ state: 1, pending: 0 }),
    )
    first.setOffline(true)
    first.store.update((count) => count + 1)
    first.store.update((count) => count + 1)
    await isKept(storage, 2)
    first.die()
    const second = openCounter(`${url}/count`, storage)
    await eventually(() =>
      expect(second.store.getSnapshot()).toMatchObject({ state: 3, pending: 0 }),
    )
    expect(second.store.failures).toEqual([])
  })

  it('that another came before is listed as a conflict after a reload, and made when one says so', async () => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const first = openCounter(`${url}/count`, storage)
    await isLive(first)
    first.setOffline(true)
    first.store.update((count) => count + 1)
    await isKept(storage, 1)
    first.die()
    const other = openCounter(`${url}/count`, memoryPersistence())
    other.store.update((count) => count + 10)
    await eventually(() =>
      expect(other.store.getSnapshot()).toMatchObject({ state: 10, pending: 0 }),
    )

    const second = openCounter(`${url}/count`, storage)
    await eventually(() => expect(second.store.failures).toHaveLength(1))
    expect(second.store.getSnapshot()).toMatchObject({ state: 10, pending: 0 })
    const [failure] = second.store.failures
    expect(failure).toMatchObject({ action: 1, error: { code: 'conflict' } })
    failure!.retry()
    await eventually(() => expect(other.store.getSnapshot().state).toBe(1))
    expect(second.store.failures).toEqual([])
  })
})

describe('what two tabs left', () => {
  it.each([true, false])(
    'is stored or told of, and neither lost (kept first: %s)',
    async (isFirst) => {
      const { url } = await startServer()
      const storage = memoryPersistence()
      // Neither hears of news, and of what they send only the requests of one arrive.
      const openDeaf = (append: typeof fetch) =>
        openCounter(`${url}/count`, storage, async (input, init) => {
          if (readsLive(input)) return new Promise(() => {})
          return appends(input, init) ? append(input, init) : fetch(input, init)
        })
      const cut = openDeaf(() => new Promise(() => {}))
      const deaf = openDeaf((input, init) => fetch(input, init).then(() => new Promise(() => {})))
      for (const { store } of [cut, deaf]) {
        await eventually(() => expect(store.offset).not.toBe('-1'))
      }
      const write = [
        () => cut.store.update((count) => count + 1),
        () => deaf.store.update((count) => count + 10),
      ]
      for (const [index, update] of (isFirst ? write : write.toReversed()).entries()) {
        update()
        await isKept(storage, index + 1)
      }
      await eventually(async () => expect(await stored(`${url}/count`)).toEqual([10]))
      cut.die()
      deaf.die()

      const next = openCounter(`${url}/count`, storage)
      await eventually(() => expect(next.store.failures).toMatchObject([{ action: 1 }]))
      expect(next.store.getSnapshot()).toMatchObject({ state: 10, pending: 0 })
    },
  )
})

describe('a storage that fails', () => {
  it('is told of, and the store works without', async () => {
    const { url } = await startServer()
    const broken: Persistence = {
      ...memoryPersistence(),
      open: () => Promise.reject(new Error('no room')),
    }
    const page = openPage(`${url}/words`, broken)
    page.store.dispatch('a')
    await shows(page, ['a'])
    expect(page.errors).toMatchObject([{ message: expect.stringContaining('no room') }])
  })
})
