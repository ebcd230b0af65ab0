import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryStorage } from '../../dev-server/index.ts'
import { DurableStream, type StreamError } from '../../src/core/index.ts'
import { memoryPersistence } from '../../src/state/persistence/memory.ts'
import type { Persistence } from '../../src/state/persistence/persistence.ts'
import { checkpoint, createSharedStore, type SharedStore } from '../../src/state/store/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { type DyingTab, openTab } from './dying-tab.ts'

const backoff = { firstDelayMs: 5, maxDelayMs: 20 }

interface Page<State> extends DyingTab {
  store: SharedStore<State, number>
  /** Offsets that were asked for. */
  asked: string[]
  /** Every state that was shown, in order. */
  shown: State[]
  errors: StreamError[]
  leave: () => void
}

interface PageOptions<State> {
  reducer: (state: State, action: number) => State
  initialState: State
  reducerVersion?: string | number
  isOffline?: boolean
}

const sum: PageOptions<number> = { reducer: (total, amount) => total + amount, initialState: 0 }

function openPage<State>(
  url: string,
  storage: Persistence,
  options: PageOptions<State>,
): Page<State> {
  const { reducer, initialState, reducerVersion = 1, isOffline = false } = options
  const asked: string[] = []
  const tab = openTab(storage, (input, init) => {
    if (init?.method === 'GET') asked.push(new URL(String(input)).searchParams.get('offset')!)
    return fetch(input, init)
  })
  tab.setOffline(isOffline)
  const errors: StreamError[] = []
  const store = createSharedStore({
    url,
    reducer,
    initialState,
    fetch: tab.fetch,
    backoff,
    releaseAfterMs: 0,
    onError: (error) => errors.push(error),
    checkpoint: checkpoint(tab.persistence, { reducerVersion, everyMs: 5 }),
  })
  const shown = [store.getSnapshot().state]
  const leave = store.subscribe(() => {
    const { state } = store.getSnapshot()
    if (shown.at(-1) !== state) shown.push(state)
  })
  onTestFinished(leave)
  return { ...tab, store, asked, shown, errors, leave }
}

function shows<State>({ store }: Page<State>, state: State, kind = 'live'): Promise<void> {
  return eventually(() =>
    expect(store.getSnapshot()).toMatchObject({ state, pending: 0, status: { kind } }),
  )
}

async function records(storage: Persistence): Promise<{ state: unknown; offset: string }[]> {
  const names = await storage.list('checkpoint:')
  const journals = await Promise.all(names.map((name) => storage.open(name)))
  const texts = await Promise.all(journals.map((journal) => journal.read()))
  return texts.flat().map((text) => JSON.parse(text) as { state: unknown; offset: string })
}

function isKept(storage: Persistence, state: unknown): Promise<void> {
  return eventually(async () => expect(await records(storage)).toMatchObject([{ state }]))
}

/** A sum of 6 in a stream, and a storage that knows it. */
async function visited(url: string): Promise<{ storage: Persistence; page: Page<number> }> {
  const storage = memoryPersistence()
  const page = openPage(url, storage, sum)
  for (const amount of [1, 2, 3]) page.store.dispatch(amount)
  await shows(page, 6)
  await isKept(storage, 6)
  return { storage, page }
}

describe('the next visit', () => {
  it('shows what was kept before the network answers, and reads only what came after', async () => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    page.die()
    const other = openPage(`${url}/sum`, memoryPersistence(), sum)
    other.store.dispatch(10)
    await shows(other, 16)

    const next = openPage(`${url}/sum`, storage, { ...sum, isOffline: true })
    await shows(next, 6, 'offline')
    next.setOffline(false)
    await shows(next, 16)
    expect(next.shown).toEqual([0, 6, 16])
    expect(next.asked).not.toContain('-1')
    await isKept(storage, 16)
  })

  it('computes an update from what was kept, and is right about its version', async () => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    page.die()
    const next = openPage(`${url}/sum`, storage, { ...sum, isOffline: true })
    await shows(next, 6, 'offline')
    next.store.update((total) => total)
    expect(next.store.getSnapshot()).toMatchObject({ state: 12, pending: 1 })
    next.setOffline(false)
    await shows(next, 12)
    await shows(openPage(`${url}/sum`, memoryPersistence(), sum), 12)
  })

  it('of a page that was left at once finds all of it', async () => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    page.store.dispatch(4)
    await shows(page, 10)
    page.leave()
    await isKept(storage, 10)
  })

  it.each([
    ['another version of the reducer', { ...sum, reducerVersion: 2 }],
    ['another initial state', { ...sum, initialState: 0.5 }],
  ])('with %s reads all of the stream anew', async (_, options) => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    page.die()
    const next = openPage(`${url}/sum`, storage, options)
    await shows(next, 6 + options.initialState)
    expect(next.asked[0]).toBe('-1')
    expect(next.shown).toEqual([options.initialState, 6 + options.initialState])
    await isKept(storage, 6 + options.initialState)
  })

  it('takes nothing from a record that it cannot read', async () => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    page.die()
    const [name] = await storage.list('checkpoint:')
    await (await storage.open(name!)).replace(['{"state":'])
    const next = openPage(`${url}/sum`, storage, sum)
    await shows(next, 6)
    expect(next.asked[0]).toBe('-1')
    expect(next.errors).toEqual([])
  })
})

describe('a server', () => {
  it('that lost the stream voids what was kept', async () => {
    const first = await startServer()
    const { storage, page } = await visited(`${first.url}/sum`)
    page.die()
    await first.server.stop()
    const port = Number(new URL(first.url).port)
    await startServer({ port, storage: memoryStorage() })
    const next = openPage(`${first.url}/sum`, storage, sum)
    await shows(next, 0)
    expect(next.shown).toEqual([0, 6, 0])
    await eventually(async () => {
      const [record] = await records(storage)
      expect(record?.state ?? 0).toBe(0)
    })
    next.die()
    await shows(openPage(`${first.url}/sum`, storage, sum), 0)
  })

  it('whose stream goes while the page is open is not believed to have had it', async () => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    await DurableStream.delete({ url: `${url}/sum` })
    await shows(page, 0)
    page.store.dispatch(5)
    await shows(page, 5)
    await isKept(storage, 5)
  })
})

describe('two pages', () => {
  it('do not both write, and the second goes on when the first is gone', async () => {
    const { url } = await startServer()
    const { storage, page } = await visited(`${url}/sum`)
    let writes = 0
    const counting: Persistence = {
      ...storage,
      async open(name) {
        const journal = await storage.open(name)
        return {
          ...journal,
          async replace(records) {
            writes++
            await journal.replace(records)
          },
        }
      },
    }
    const second = openPage(`${url}/sum`, counting, sum)
    await shows(second, 6)
    second.store.dispatch(4)
    await Promise.all([shows(page, 10), shows(second, 10)])
    await isKept(storage, 10)
    expect(writes).toBe(0)
    page.die()
    second.store.dispatch(5)
    await shows(second, 15)
    await isKept(storage, 15)
  })
})

describe('a state that JSON cannot hold', () => {
  it.each([
    ['a Date', (_: unknown, action: number) => new Date(action)],
    ['undefined in it', (_: unknown, action: number) => ({ action, more: undefined })],
    ['a Map', (_: unknown, action: number) => new Map([[action, 1]])],
    ['a number that is none', () => Number.NaN],
  ])('as %s is told of once, and not kept', async (_, reducer) => {
    const { url } = await startServer()
    const storage = memoryPersistence()
    const page = openPage<unknown>(`${url}/any`, storage, { reducer, initialState: null })
    page.store.dispatch(1)
    await eventually(() => expect(page.errors).toHaveLength(1))
    page.store.dispatch(2)
    await eventually(() => expect(page.store.getSnapshot().pending).toBe(0))
    page.leave()
    await eventually(() => expect(page.store.status.kind).toBe('idle'))
    expect(page.errors).toMatchObject([{ code: 'invalid', message: expect.stringMatching(/JSON/) }])
    expect((await records(storage)).filter(({ state }) => state !== null)).toEqual([])
  })
})
