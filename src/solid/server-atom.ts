import {
  type AtomSource,
  createAtomSource,
  type ServerAtomOptions,
  type ServerAtomUpdate,
} from '../state/atom-source.ts'
import type { Reducer } from '../state/store/index.ts'
import { createStores, type Stores } from '../state/store/stores.ts'

export type { ServerAtomOptions, ServerAtomUpdate } from '../state/atom-source.ts'

/**
 * A state that everyone shares who uses its key. `useServerAtom` shows it; outside of components it is
 * that of its own server, else of the page's.
 */
export interface ServerAtom<State, Arg> {
  readonly key: string
  /** The state as far as it is known: it is read while it has subscribers, or components show it. */
  get: () => State
  /** By a value or a function of the present one; with a reducer, by an action. */
  set: (arg: Arg) => void
  /** @returns a function that ends the subscription. */
  subscribe: (onChange: () => void) => () => void
}

/** What hooks know of an atom besides. */
interface Source<State, Action, Arg> extends AtomSource<State, Action, Arg> {
  /** Of its own server, if it has one. */
  stores: (() => Stores) | undefined
}

const sources = /* @__PURE__ */ new WeakMap<object, Source<never, never, never>>()

export function sourceOf<State, Arg>(
  serverAtom: ServerAtom<State, Arg>,
): Source<State, unknown, Arg> {
  return sources.get(serverAtom) as never
}

/**
 * A state that everyone shares who uses the same key, defined once and used anywhere: ordered,
 * durable, shown before the server has answered.
 *
 * It is set by a value or a function of the present one; with a `reducer`, by actions.
 *
 * @throws {StreamError} where it is read or set: as `useServerState` and `useServerReducer`.
 *
 * @example
 * export const counterAtom = serverAtom({ key: 'counter', default: 0 })
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
  const stores = once(() => createStores(source.server))
  const store = once(() => source.open(stores()))
  const serverAtom: ServerAtom<State, never> = {
    key: source.key,
    get: () => store().getSnapshot().state,
    set: (arg) => source.write(store(), arg),
    subscribe(onChange) {
      const { getSnapshot, subscribe } = store()
      let { state } = getSnapshot()
      return subscribe(() => {
        const next = getSnapshot().state
        if (Object.is(next, state)) return
        state = next
        onChange()
      })
    },
  }
  sources.set(serverAtom, { ...source, stores: source.server && stores } as never)
  return serverAtom
}

function once<Value extends object>(create: () => Value): () => Value {
  let value: Value | undefined
  return () => (value ??= create())
}
