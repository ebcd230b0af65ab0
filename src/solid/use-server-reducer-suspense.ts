import type { Accessor } from 'solid-js'
import type { Reducer } from '../state/store/index.ts'
import { loadOnServer } from './load-on-server.ts'
import { selectFrom } from './select-from.ts'
import { metaOf, type ServerStateMeta } from './server-state-meta.ts'
import { suspendUntilLoaded } from './suspend-until-loaded.ts'
import { dispatchTo, useReducerStore } from './use-server-reducer.ts'
import type { ServerStateOptions } from './use-server-state.ts'
import type { Key } from './use-shared-store.ts'

/**
 * As `useServerReducer`, but the state suspends who reads it until it has been loaded, instead of being
 * the initial one until then: a resource. With a key that changes in a transition the old screen stays
 * meanwhile. A server that renders asynchronously reads the stream, and its page brings the state along.
 *
 * @throws {StreamError} besides: from the state, to the error boundary, what ended the reading before
 *   there was a state. Rendered again a second later or more, as by the boundary's reset, it tries anew.
 *
 * @example
 * const [todos, dispatch] = useServerReducerSuspense(todosReducer, [], 'rooms/todos')
 */
export function useServerReducerSuspense<State, Action, Shown = State>(
  reducer: Reducer<State, Action>,
  initialState: State,
  key: Key,
  options?: ServerStateOptions<State, Action, Shown>,
): [Accessor<Shown>, (action: Action) => void, ServerStateMeta<Action>] {
  const shared = useReducerStore('useServerReducerSuspense', reducer, initialState, key, options)
  const loaded = suspendUntilLoaded(shared, (opened) =>
    loadOnServer(opened, reducer, initialState, options),
  )
  return [selectFrom(loaded, options?.select), dispatchTo(shared), metaOf(shared)]
}
