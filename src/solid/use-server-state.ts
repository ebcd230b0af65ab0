import { type Accessor, untrack } from 'solid-js'
import type { StoreOptions } from '../state/store/stores.ts'
import { warnLossy } from '../state/store/warnings.ts'
import { selectFrom } from './select-from.ts'
import { metaOf, type ServerStateMeta } from './server-state-meta.ts'
import { follow, type Key, type Shared, useSharedStore } from './use-shared-store.ts'

/** A value, or a function of the present one; with a function no update of others is lost. */
export type SetServerState<State> = (next: State | ((previous: State) => State)) => void

/** `schema` and `version` count as they are where a key is used first. */
export interface ServerStateOptions<State, Action = State, Shown = State>
  extends StoreOptions<Action> {
  /** What of the state is shown: it changes when that has changed, in any part. It may read signals. */
  select?: ((state: State) => Shown) | undefined
}

/**
 * Like `createSignal`, of a value that everyone shares who uses the same key: ordered, durable, shown
 * before the server has answered. Parts of the value that do not change stay the same objects.
 *
 * @param initialState the value until someone sets one; the same wherever the key is used.
 * @param key names the stream, `rooms/counter` for example; an accessor, if it changes.
 * @returns the value (or what is selected of it), its setter, and how things are with it.
 * @throws {StreamError} `conflict` for a key used with two initial values, `invalid` for a key that is
 *   no path: here, and for a later key to who reads. From the setter: `invalid` for a value that JSON
 *   cannot say, or that the schema refuses.
 *
 * @example
 * const [count, setCount] = useServerState(0, 'counter')
 */
export function useServerState<State, Shown = State>(
  initialState: State,
  key: Key,
  options?: ServerStateOptions<State, State, Shown>,
): [Accessor<Shown>, SetServerState<State>, ServerStateMeta<State>] {
  const shared = useStateStore('useServerState', initialState, key, options)
  follow(shared)
  return [selectFrom(shared, options?.select), setterOf(shared), metaOf(shared)]
}

export function useStateStore<State>(
  hook: string,
  initialState: State,
  key: Key,
  options?: StoreOptions<State>,
): Shared<State, State> {
  return useSharedStore(hook, key, (stores, key) => stores.state(key, initialState, options))
}

export function setterOf<State>({ opened }: Shared<State, State>): SetServerState<State> {
  return (next) => {
    const { hook, key, store } = untrack(opened)
    const check = (value: State): State => {
      warnLossy(hook, key, value)
      return value
    }
    if (typeof next !== 'function') store.dispatch(check(next))
    else store.update((previous) => check((next as (previous: State) => State)(previous)))
  }
}
