import type { SharedStore } from '../state/store/index.ts'
import type { StoreOptions } from '../state/store/stores.ts'
import { warnLossy } from '../state/store/warnings.ts'
import type { ServerStateMeta, StoreView } from './store-view.ts'
import { useSharedStore, type Variant } from './use-shared-store.ts'

export type { ServerStateMeta } from './store-view.ts'

/** A value, or a function of the present one; with a function no update of others is lost. */
export type SetServerState<State> = (next: State | ((previous: State) => State)) => void

/** `schema` and `version` count as they are in the first render of a key. */
export interface ServerStateOptions<State, Action = State, Shown = State>
  extends StoreOptions<Action> {
  /** What of the state the component shows: it renders again when that is another one, or has other parts. */
  select?: ((state: State) => Shown) | undefined
}

/**
 * Like `useState`, of a value that everyone shares who uses the same key: ordered, durable, shown
 * before the server has answered.
 *
 * @param initialState the value until someone sets one; the same wherever the key is used.
 * @param key names the stream, `rooms/counter` for example. It may change between renders.
 * @returns the value (or what is selected of it), its setter, and how things are with it.
 * @throws {StreamError} in render: `conflict` for a key used with two initial values, `invalid` for
 *   a key that is no path. From the setter: `invalid` for a value that JSON cannot say, or that the
 *   schema refuses.
 *
 * @example
 * const [count, setCount] = useServerState(0, 'counter')
 */
export function useServerState<State, Shown = State>(
  initialState: State,
  key: string,
  options?: ServerStateOptions<State, State, Shown>,
): [Shown, SetServerState<State>, ServerStateMeta<State>] {
  return useStateStore({ hook: 'useServerState' }, initialState, key, options)[0]
}

export function useStateStore<State, Shown>(
  variant: Variant,
  initialState: State,
  key: string,
  options?: ServerStateOptions<State, State, Shown>,
): [StoreView<Shown, SetServerState<State>, State>, SharedStore<State, State>] {
  return useSharedStore({
    ...variant,
    key,
    initialState,
    open: (stores) => stores.state(key, initialState, options),
    writer:
      ({ dispatch, update }) =>
      (next) => {
        const check = (value: State): State => {
          warnLossy(variant.hook, key, value)
          return value
        }
        if (typeof next !== 'function') dispatch(check(next))
        else update((previous) => check((next as (previous: State) => State)(previous)))
      },
    select: options?.select,
  })
}
