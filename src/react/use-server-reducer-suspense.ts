import type { Reducer } from '../state/store/index.ts'
import type { ServerStateMeta } from './store-view.ts'
import { suspendUntilLoaded } from './suspend-until-loaded.ts'
import { useReducerStore } from './use-server-reducer.ts'
import type { ServerStateOptions } from './use-server-state.ts'

/**
 * As `useServerReducer`, but suspends until the state has been loaded, instead of showing the initial
 * one until then. With a key that changes in a transition the old screen stays meanwhile.
 *
 * @throws {StreamError} besides: to the error boundary what ended the reading before there was a
 *   state. Rendered again a second later or more, as by the boundary's reset, it tries anew.
 *
 * @example
 * const [todos, dispatch] = useServerReducerSuspense(todosReducer, [], 'rooms/todos')
 */
export function useServerReducerSuspense<State, Action, Shown = State>(
  reducer: Reducer<State, Action>,
  initialState: State,
  key: string,
  options?: ServerStateOptions<State, Action, Shown>,
): [Shown, (action: Action) => void, ServerStateMeta<Action>] {
  const variant = { hook: 'useServerReducerSuspense', suspends: true }
  const [view, store] = useReducerStore(variant, reducer, initialState, key, options)
  if (!view[2].isLoaded) suspendUntilLoaded(store)
  return view
}
