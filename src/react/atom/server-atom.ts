import { atom, type Atom, type PrimitiveAtom, type WritableAtom } from 'jotai'
import {
  type AtomSource,
  createAtomSource,
  type ServerAtomOptions,
  type ServerAtomUpdate,
} from '../../state/atom-source.ts'
import type { Reducer, SharedStore } from '../../state/store/index.ts'
import { createStores, type Stores } from '../../state/store/stores.ts'
import type { HydrationScope } from '../hydration-context.ts'

/** An atom of jotai whose state everyone shares who uses its key. */
export interface ServerAtom<State, Arg> extends WritableAtom<State, [Arg], void> {
  readonly key: string
}

/** What hooks know of an atom besides. */
interface Source<State, Action, Arg> extends AtomSource<State, Action, Arg> {
  /** Where nobody says which server. Each store of jotai has its own. */
  storesAtom: Atom<Stores>
}

/** Whose stores atoms use, and what the page brought along for them. */
export interface AtomScope {
  stores: Stores
  hydration: HydrationScope | undefined
}

/** Each store of jotai has its own. */
export const scopeAtom: PrimitiveAtom<AtomScope | undefined> = /* @__PURE__ */ atom<
  AtomScope | undefined
>(undefined)

/** Serves atoms for which nobody said on which server they are: the page's own. */
const pageStoresAtom = /* @__PURE__ */ atom(() => createStores())

const sources = /* @__PURE__ */ new WeakMap<object, Source<never, never, never>>()

export function sourceOf<State, Arg>(
  serverAtom: ServerAtom<State, Arg>,
): Source<State, unknown, Arg> {
  return sources.get(serverAtom) as never
}

/**
 * An atom of jotai for a state that everyone shares who uses the same key: ordered, durable, shown
 * before the server has answered. It works wherever an atom does: with `useAtom`, in other atoms, in
 * any store of jotai, without React. It is read while it is mounted.
 *
 * It is set by a value or a function of the present one; with a `reducer`, by actions.
 *
 * Which server: that of its own options, or of `ServerAtoms`, or the page's.
 *
 * @throws {StreamError} where it is read or set: as `useServerState` and `useServerReducer`.
 *
 * @example
 * const counterAtom = serverAtom({ key: 'counter', default: 0 })
 * const doubleAtom = atom((get) => get(counterAtom) * 2)
 */
export function serverAtom<State, Action>(
  options: ServerAtomOptions<State, Action> & { reducer: Reducer<State, Action> },
): ServerAtom<State, Action>
export function serverAtom<State>(
  options: ServerAtomOptions<State> & { reducer?: undefined },
): ServerAtom<State, ServerAtomUpdate<State>>
export function serverAtom<State, Action>(
  options: ServerAtomOptions<State, Action> & { reducer?: Reducer<State, Action> | undefined },
): ServerAtom<State, never> {
  const source = createAtomSource(options)
  const { key, server } = source
  const storesAtom = server ? atom(() => createStores(server)) : pageStoresAtom
  const heldAtom = atom((get) => {
    const scope = server ? undefined : get(scopeAtom)
    const store = source.open(scope?.stores ?? get(storesAtom))
    scope?.hydration?.hydrate(key, store)
    return { store, changeAtom: changeAtomOf(store) }
  })
  const valueAtom: WritableAtom<State, [never], void> = atom(
    (get) => {
      const { store, changeAtom } = get(heldAtom)
      get(changeAtom)
      return store.getSnapshot().state
    },
    (get, set, arg: never) => {
      const { store, changeAtom } = get(heldAtom)
      source.write(store, arg)
      // Who is not mounted is told of changes by nobody else.
      set(changeAtom, nextChange)
    },
  )
  const serverAtom = Object.assign(valueAtom, { key })
  sources.set(serverAtom, { ...source, storesAtom } as never)
  return serverAtom
}

/** Changes with the state of the store, while it is mounted; and when it is no more. */
function changeAtomOf<State, Action>(
  store: SharedStore<State, Action>,
): WritableAtom<number, [(change: number) => number], void> {
  const changeAtom = atom(0)
  changeAtom.onMount = (set) => {
    let { state } = store.getSnapshot()
    const look = (): void => {
      const next = store.getSnapshot().state
      if (Object.is(next, state)) return
      state = next
      set(nextChange)
    }
    const leave = store.subscribe(look)
    set(nextChange)
    return () => {
      leave()
      set(nextChange)
    }
  }
  return changeAtom
}

const nextChange = (change: number): number => change + 1
