import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createSharedStore,
  setStateReducer,
  type SharedStore,
} from '../../src/state/store/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { appends } from '../support/live-reads.ts'

/** One of several pages: each has a `fetch` of its own, and so a store of its own. */
function openPage<State, Action>(
  url: string,
  reducer: (state: State, action: Action) => State,
  initialState: State,
  request: typeof fetch = fetch,
): SharedStore<State, Action> {
  const store = createSharedStore<State, Action>({
    url,
    reducer,
    initialState,
    fetch: (...given) => request(...given),
    releaseAfterMs: 0,
  })
  onTestFinished(store.subscribe(() => {}))
  return store
}

const add = (sum: number, by: number): number => sum + by

function isAt<State, Action>(store: SharedStore<State, Action>, state: State): Promise<void> {
  return eventually(() => expect(store.getSnapshot()).toMatchObject({ state, pending: 0 }))
}

describe('reset', () => {
  it('goes back to the initial state at once, and for everyone', async () => {
    const { url } = await startServer()
    const one = openPage(`${url}/sum`, add, 10)
    const other = openPage(`${url}/sum`, add, 10)
    one.dispatch(5)
    await Promise.all([isAt(one, 15), isAt(other, 15)])
    one.reset()
    expect(one.getSnapshot()).toMatchObject({ state: 10, pending: 1 })
    one.dispatch(1)
    expect(one.getSnapshot().state).toBe(11)
    await Promise.all([isAt(one, 11), isAt(other, 11), isAt(openPage(`${url}/sum`, add, 10), 11)])
  })

  it('is an event that any client can read', async () => {
    const { url } = await startServer()
    const store = openPage(`${url}/value`, setStateReducer<number>, 0)
    store.dispatch(3)
    store.reset()
    await isAt(store, 0)
    const events = (await (await fetch(`${url}/value?offset=-1`)).json()) as { headers: object }[]
    expect(events.at(-1)).toEqual({ headers: { control: 'reset', txid: expect.any(String) } })
  })

  it('lets an update that was computed from before it be computed again', async () => {
    const { url } = await startServer()
    const one = openPage(`${url}/value`, setStateReducer<number>, 0)
    const other = openPage(`${url}/value`, setStateReducer<number>, 0)
    one.dispatch(100)
    await Promise.all([isAt(one, 100), isAt(other, 100)])
    one.reset()
    other.update((count) => count + 1)
    await eventually(() => {
      expect(one.getSnapshot().state).toBe(other.getSnapshot().state)
      // Whichever was first, nothing is added to what was reset.
      expect([0, 1]).toContain(one.getSnapshot().state)
      expect(one.pending + other.pending).toBe(0)
    })
  })

  it('that is refused falls back, and can be tried again', async () => {
    const { url } = await startServer()
    let isRefusing = false
    const request: typeof fetch = async (input, init) =>
      isRefusing && appends(input, init)
        ? new Response('read only', { status: 403 })
        : fetch(input, init)
    const store = openPage(`${url}/value`, setStateReducer<number>, 0, request)
    store.dispatch(7)
    await isAt(store, 7)
    isRefusing = true
    store.reset()
    await eventually(() => expect(store.failures).toHaveLength(1))
    expect(store.getSnapshot().state).toBe(7)
    isRefusing = false
    store.failures[0]!.retry()
    await isAt(store, 0)
    expect(store.failures).toHaveLength(0)
  })

  it('leaves all pages with one state, whoever resets and writes when', async () => {
    const { url } = await startServer()
    let run = 0
    const step = fc.record({
      page: fc.nat(2),
      what: fc.constantFrom('update', 'update', 'set', 'reset', 'turn'),
      value: fc.nat(99),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const stream = `${url}/any/${run++}`
        const pages = [0, 1, 2].map(() => openPage(stream, setStateReducer<number>, -5))
        for (const { page, what, value } of steps) {
          const store = pages[page]!
          if (what === 'update') store.update((count) => count + 1)
          if (what === 'set') store.dispatch(value)
          if (what === 'reset') store.reset()
          if (what === 'turn') await new Promise((resolve) => setImmediate(resolve))
        }
        const fresh = openPage(stream, setStateReducer<number>, -5)
        await eventually(() => {
          for (const { pending, offset, getSnapshot } of pages) {
            expect({ pending, offset }).toEqual({ pending: 0, offset: fresh.offset })
            expect(getSnapshot().state).toBe(fresh.getSnapshot().state)
          }
        })
      }),
      { numRuns: 12 },
    )
  })
})
