import type { Reducer, SharedStore } from '../state/store/index.ts'
import { warnLossy } from '../state/store/warnings.ts'
import type { ServerStateMeta, StoreView } from './store-view.ts'
import type { ServerStateOptions } from './use-server-state.ts'
import { useSharedStore, type Variant } from './use-shared-store.ts'

/**
 * Like `useReducer`, of a state that everyone shares who uses the same key: the actions are stored,
 * in one order, and every page reduces them.
 *
 * @param reducer a pure function: it runs on every page, again and again. The one of the first
 *   render is used.
 * @param initialState the state before the first action; the same wherever the key is used.
 * @param key names the stream. It may change between renders.
 * @param options `schema` is of the actions.
 * @returns the state (or what is selected of it), `dispatch`, and how things are with it.
 * @throws {StreamError} in render, as `useServerState` does. From `dispatch`: `invalid` for an
 *   action that JSON cannot say, or that the schema refuses, and what the reducer throws.
 *
 * @example
 * const [todos, dispatch] = useServerReducer(todosReducer, [], 'rooms/todos')
 */
export function useServerReducer<State, Action, Shown = State>(
  reducer: Reducer<State, Action>,
  initialState: State,
  key: string,
  options?: ServerStateOptions<State, Action, Shown>,
): [Shown, (action: Action) => void, ServerStateMeta<Action>] {
  return useReducerStore({ hook: 'useServerReducer' }, reducer, initialState, key, options)[0]
}

export function useReducerStore<State, Action, Shown>(
  variant: Variant,
  reducer: Reducer<State, Action>,
  initialState: State,
  key: string,
  options?: ServerStateOptions<State, Action, Shown>,
): [StoreView<Shown, (action: Action) => void, Action>, SharedStore<State, Action>] {
  return useSharedStore({
    ...variant,
    key,
    initialState,
    open: (stores) => stores.reducer(key, reducer, initialState, options),
    writer:
      ({ dispatch }) =>
      (action) => {
        warnLossy(variant.hook, key, action)
        dispatch(action)
      },
    select: options?.select,
  })
}
