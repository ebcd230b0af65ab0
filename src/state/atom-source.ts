import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Reducer, SharedStore } from './store/index.ts'
import type { Stores, StoresOptions } from './store/stores.ts'

/** Any of the options of a server gives the atom stores of its own; else it has the provider's. */
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

/** A value, or a function of the present one; with a function no update of others is lost. */
export type ServerAtomUpdate<State> = State | ((previous: State) => State)

/** What an atom is, whatever the framework. */
export interface AtomSource<State, Action, Arg> {
  key: string
  /** Of its own server, if it has one. */
  server: StoresOptions | undefined
  open: (stores: Stores) => SharedStore<State, Action>
  write: (store: SharedStore<State, Action>, arg: Arg) => void
}

/** @param options without a reducer, an action is a state. */
export function createAtomSource<State, Action>({
  key,
  default: initialState,
  reducer,
  schema,
  version,
  ...server
}: ServerAtomOptions<State, Action> & {
  reducer?: Reducer<State, Action> | undefined
}): AtomSource<State, Action, never> {
  const own = Object.keys(server).length > 0 ? server : undefined
  const options = { schema, version }
  if (reducer) {
    return {
      key,
      server: own,
      open: (stores) => stores.reducer(key, reducer, initialState, options),
      write: ({ dispatch }, action) => dispatch(action),
    }
  }
  return {
    key,
    server: own,
    open: (stores) => stores.state(key, initialState as never, options) as never,
    write: ({ dispatch, update }, next: never) =>
      typeof next === 'function' ? update(next) : dispatch(next),
  }
}
