import { type Accessor, untrack } from 'solid-js'
import type { Reducer } from '../state/store/index.ts'
import type { StoreOptions } from '../state/store/stores.ts'
import { warnLossy } from '../state/store/warnings.ts'
import { selectFrom } from './select-from.ts'
import { metaOf, type ServerStateMeta } from './server-state-meta.ts'
import type { ServerStateOptions } from './use-server-state.ts'
import { follow, type Key, type Shared, useSharedStore } from './use-shared-store.ts'

/**
 * A state that everyone shares who uses the same key, and that actions change: they are stored, in
 * one order, and every page reduces them. Parts of it that do not change stay the same objects.
 *
 * @param reducer a pure function: it runs on every page, again and again.
 * @param initialState the state before the first action; the same wherever the key is used.
 * @param key names the stream; an accessor, if it changes.
 * @param options `schema` is of the actions.
 * @returns the state (or what is selected of it), `dispatch`, and how things are with it.
 * @throws {StreamError} as `useServerState` does. From `dispatch`: `invalid` for an action that JSON
 *   cannot say, or that the schema refuses, and what the reducer throws.
 *
 * @example
 * const [todos, dispatch] = useServerReducer(todosReducer, [], 'rooms/todos')
 */
export function useServerReducer<State, Action, Shown = State>(
  reducer: Reducer<State, Action>,
  initialState: State,
  key: Key,
  options?: ServerStateOptions<State, Action, Shown>,
): [Accessor<Shown>, (action: Action) => void, ServerStateMeta<Action>] {
  const shared = useReducerStore('useServerReducer', reducer, initialState, key, options)
  follow(shared)
  return [selectFrom(shared, options?.select), dispatchTo(shared), metaOf(shared)]
}

export function useReducerStore<State, Action>(
  hook: string,
  reducer: Reducer<State, Action>,
  initialState: State,
  key: Key,
  options?: StoreOptions<Action>,
): Shared<State, Action> {
  return useSharedStore(hook, key, (stores, key) =>
    stores.reducer(key, reducer, initialState, options),
  )
}

export function dispatchTo<State, Action>({
  opened,
}: Shared<State, Action>): (action: Action) => void {
  return (action) => {
    const { hook, key, store } = untrack(opened)
    warnLossy(hook, key, action)
    store.dispatch(action)
  }
}
