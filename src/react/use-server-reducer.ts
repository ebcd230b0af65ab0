import type { Reducer, SharedStore } from '../state/store/index.ts'
import type { Stores } from '../state/store/stores.ts'
import type { ServerStateMeta } from './use-server-state.ts'
import { useSharedStore } from './use-shared-store.ts'

/**
 * Like `useReducer`, of a state that everyone shares who uses the same key: the actions are stored,
 * in one order, and every page reduces them.
 *
 * @param reducer a pure function: it runs on every page, again and again. The one of the first
 *   render is used.
 * @param initialState the state before the first action; the same wherever the key is used.
 * @param key names the stream.
 * @throws {StreamError} in render, as `useServerState` does. From `dispatch`: `invalid` for an
 *   action that JSON cannot say, and what the reducer throws.
 *
 * @example
 * const [todos, dispatch] = useServerReducer(todosReducer, [], 'rooms/todos')
 */
export function useServerReducer<State, Action>(
  reducer: Reducer<State, Action>,
  initialState: State,
  key: string,
): [State, (action: Action) => void, ServerStateMeta<Action>] {
  const open = (stores: Stores): SharedStore<State, Action> =>
    stores.reducer(key, reducer, initialState)
  const [{ state, ...meta }, store] = useSharedStore('useServerReducer', key, open)
  return [state, store.dispatch, meta]
}
