import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSsrStateCache, loadStreamWithReducer, setStateReducer } from 'streamwell/ssr'
import { createSharedStore, type SharedStore } from 'streamwell/store'
import { hydrateStore } from '../../src/state/store/hydrate.ts'
import type { KeptStore } from '../../src/state/store/keeper.ts'
import { eventually } from '../support/eventually.ts'
import { startSite } from './site.ts'

interface Sums {
  total: number
  seen: number[]
}

/** Throws on what is no number, as reducers may. */
function addUp({ total, seen }: Sums, amount: number): Sums {
  if (typeof amount !== 'number') throw new TypeError('no number')
  return { total: total + amount, seen: [...seen, amount] }
}

const KINDS = [
  { kind: 'state', reducer: setStateReducer as typeof addUp },
  { kind: 'action', reducer: addUp },
] as const

/** Anything that may be in a stream: entries, conditional on what is there or not, resets, junk. */
function events(kind: 'state' | 'action'): fc.Arbitrary<unknown[]> {
  const txid = fc.constantFrom('a', 'b', 'c', 'd')
  const base = fc.oneof(txid, fc.constantFrom('initial', 'untagged-1', 'untagged-2'))
  const headers = fc.record(
    {
      operation: fc.constantFrom('upsert', 'insert', 'update'),
      txid: fc.oneof({ weight: 3, arbitrary: txid }, { weight: 1, arbitrary: fc.constant('') }),
      base,
    },
    { requiredKeys: ['operation'] },
  )
  const entry = fc.record({
    type: fc.constant(kind),
    key: fc.constant('value'),
    value: fc.oneof(fc.nat(9), fc.constantFrom(null, 'text', { __proto__: null, deep: [1] })),
    headers,
  })
  const reset = fc.record({
    headers: fc.record({ control: fc.constant('reset'), txid }, { requiredKeys: ['control'] }),
  })
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.record({ type: fc.constantFrom('state', 'action', 'user'), key: fc.string() }),
    fc.record({
      headers: fc.record({ control: fc.constantFrom('snapshot-start', 'snapshot-end') }),
    }),
  )
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: entry },
      { weight: 1, arbitrary: reset },
      { weight: 2, arbitrary: junk },
    ),
    { maxLength: 25 },
  )
}

function openStore(
  url: string,
  reducer: typeof addUp,
  initialState: Sums,
): SharedStore<Sums, number> {
  // A fetch of its own makes a store of its own, as another page has.
  const own: typeof fetch = (input, init) => fetch(input, init)
  return createSharedStore({ url, reducer, initialState, fetch: own, releaseAfterMs: 0 })
}

/** What the store knows once it has read to `offset`. */
async function confirmedAt(store: SharedStore<Sums, number>, offset: string): Promise<object> {
  const leave = store.subscribe(() => {})
  const { look } = store as KeptStore<Sums, number>
  await eventually(() => {
    expect(look()).toMatchObject({ offset, isCaughtUp: true })
  })
  leave()
  return { ...look().confirmed, offset }
}

it.each(KINDS)(
  'a page goes on from a loaded $kind as one that has read all of the stream',
  async ({ kind, reducer }) => {
    const { create, write, serverUrl } = await startSite()
    // A machine may hang for longer than a visitor should wait.
    const target = { serverUrl, timeoutMs: 60_000 }
    const initialState = { total: 0, seen: [] }
    let count = 0
    await fc.assert(
      fc.asyncProperty(fc.array(events(kind), { minLength: 1, maxLength: 4 }), async (parts) => {
        const path = `stream-${count++}`
        const cache = createSsrStateCache()
        const load = (): ReturnType<typeof loadStreamWithReducer<Sums, number>> =>
          loadStreamWithReducer({ ...target, path, reducer, initialState, cache })
        await create(path)
        const rest = parts.pop()!
        for (const part of parts) {
          if (part.length > 0) await write(path, ...part)
          await load()
        }
        const loaded = await load()
        const inOneGo = await loadStreamWithReducer({
          ...{ ...target, path, reducer, initialState, useCache: false },
        })
        expect(loaded).toEqual(inOneGo)
        if (rest.length > 0) await write(path, ...rest)

        const fresh = openStore(`${serverUrl}/${path}`, reducer, initialState)
        const hydrated = openStore(`${serverUrl}/${path}`, reducer, initialState)
        // As it comes out of a page.
        hydrateStore(hydrated, JSON.parse(JSON.stringify(loaded)))
        const { state, version, untagged, offset } = await load()
        const expected = { state, version, untagged, offset }
        expect(await confirmedAt(fresh, offset)).toEqual(expected)
        expect(await confirmedAt(hydrated, offset)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  },
  120_000,
)
