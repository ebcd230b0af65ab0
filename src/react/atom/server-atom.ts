import type { StandardSchemaV1 } from '@standard-schema/spec'
import { atom, type Atom, type WritableAtom } from 'jotai'
import type { Reducer, SharedStore } from '../../state/store/index.ts'
import { createStores, type Stores, type StoresOptions } from '../../state/store/stores.ts'
import type { HydrationScope } from '../hydration-context.ts'

/** Any of the options of a server gives the atom stores of its own; else it has those of `ServerAtoms`. */
export interface ServerAtomOptions<State, Action = State> extends StoresOptions {
  /** Names the stream, `rooms/counter` for example. */
  key: string
  /** The state until someone changes it; the same wherever the key is used. */
  default: State
  /** Of the state, or of the actions of `reducer`: see `StoreOptions`. */
  schema?: StandardSchemaV1<unknown, Action> | undefined
  /** Of the reducer, for what is kept. */
  version?: string | number | undefined
}

/** An atom of jotai whose state everyone shares who uses its key. */
export interface ServerAtom<State, Arg> extends WritableAtom<State, [Arg], void> {
  readonly key: string
}

/** A value, or a function of the present one; with a function no update of others is lost. */
export type ServerAtomUpdate<State> = State | ((previous: State) => State)

/** What is known of an atom besides what jotai knows. */
export interface AtomSource<State, Action, Arg> {
  key: string
  /** Has a server of its own. */
  isAlone: boolean
  stores: Atom<Stores>
  open: (stores: Stores) => SharedStore<State, Action>
  write: (store: SharedStore<State, Action>, arg: Arg) => void
}

/** Whose stores atoms use, and what the page brought along for them; each store of jotai has its own. */
export const scopeAtom = /* @__PURE__ */ atom<
  { stores: Stores; hydration: HydrationScope | undefined } | undefined
>(undefined)

/** Serves atoms for which nobody said on which server they are: the page's own. */
const pageStoresAtom = /* @__PURE__ */ atom(() => createStores())

const sources = /* @__PURE__ */ new WeakMap<object, AtomSource<never, never, never>>()

export function sourceOf<State, Arg>(
  serverAtom: ServerAtom<State, Arg>,
): AtomSource<State, unknown, Arg> {
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
  const source = createSource(options)
  const heldAtom = atom((get) => {
    const scope = source.isAlone ? undefined : get(scopeAtom)
    const store = source.open(scope?.stores ?? get(source.stores))
    scope?.hydration?.hydrate(source.key, store)
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
  const serverAtom = Object.assign(valueAtom, { key: source.key })
  sources.set(serverAtom, source as never)
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

function createSource<State, Action>({
  key,
  default: initialState,
  reducer,
  schema,
  version,
  ...server
}: ServerAtomOptions<State, Action> & {
  reducer?: Reducer<State, Action> | undefined
}): AtomSource<State, Action, never> {
  const isAlone = Object.keys(server).length > 0
  const stores = isAlone ? atom(() => createStores(server)) : pageStoresAtom
  if (reducer) {
    return {
      key,
      isAlone,
      stores,
      open: (stores) => stores.reducer(key, reducer, initialState, { schema, version }),
      write: ({ dispatch }, action) => dispatch(action),
    }
  }
  return {
    key,
    isAlone,
    stores,
    // Without a reducer an action is a state.
    open: (stores) => stores.state(key, initialState as never, { schema, version }) as never,
    write: ({ dispatch, update }, next: never) =>
      typeof next === 'function' ? update(next) : dispatch(next),
  }
}
