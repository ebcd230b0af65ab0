import { useCallback } from 'react'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'
import type { Stores } from '../state/store/stores.ts'
import { useSharedStore } from './use-shared-store.ts'

/** How things are with a shared state: status, pending, failures, error, offset. */
export type ServerStateMeta<Action> = Omit<StoreSnapshot<never, Action>, 'state'>

/** A value, or a function of the present one; with a function no update of others is lost. */
export type SetServerState<State> = (next: State | ((previous: State) => State)) => void

/**
 * Like `useState`, of a value that everyone shares who uses the same key: ordered, durable, shown
 * before the server has answered.
 *
 * @param initialState the value until someone sets one; the same wherever the key is used.
 * @param key names the stream, `rooms/counter` for example.
 * @throws {StreamError} in render: `conflict` for a key used with two initial values, `invalid` for
 *   a key that is no path. From the setter: `invalid` for a value that JSON cannot say.
 *
 * @example
 * const [count, setCount] = useServerState(0, 'counter')
 */
export function useServerState<State>(
  initialState: State,
  key: string,
): [State, SetServerState<State>, ServerStateMeta<State>] {
  const open = (stores: Stores): SharedStore<State, State> => stores.state(key, initialState)
  const [{ state, ...meta }, store] = useSharedStore('useServerState', key, open)
  const setState: SetServerState<State> = useCallback(
    (next) => {
      if (typeof next === 'function') store.update(next as (previous: State) => State)
      else store.dispatch(next)
    },
    [store],
  )
  return [state, setState, meta]
}
