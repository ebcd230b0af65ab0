import type { Accessor } from 'solid-js'
import { setStateReducer } from '../state/store/set-state-reducer.ts'
import { loadOnServer } from './load-on-server.ts'
import { selectFrom } from './select-from.ts'
import { metaOf, type ServerStateMeta } from './server-state-meta.ts'
import { suspendUntilLoaded } from './suspend-until-loaded.ts'
import {
  type ServerStateOptions,
  type SetServerState,
  setterOf,
  useStateStore,
} from './use-server-state.ts'
import type { Key } from './use-shared-store.ts'

/**
 * As `useServerState`, but the value suspends who reads it until it has been loaded, instead of being
 * the initial one until then: a resource. With a key that changes in a transition the old screen stays
 * meanwhile. A server that renders asynchronously reads the stream, and its page brings the state along.
 *
 * @throws {StreamError} besides: from the value, to the error boundary, what ended the reading before
 *   there was a value. Rendered again a second later or more, as by the boundary's reset, it tries anew.
 *
 * @example
 * <Suspense fallback={<Spinner />}><Counter /></Suspense> // where Counter has
 * const [count, setCount] = useServerStateSuspense(0, 'counter')
 */
export function useServerStateSuspense<State, Shown = State>(
  initialState: State,
  key: Key,
  options?: ServerStateOptions<State, State, Shown>,
): [Accessor<Shown>, SetServerState<State>, ServerStateMeta<State>] {
  const shared = useStateStore('useServerStateSuspense', initialState, key, options)
  const loaded = suspendUntilLoaded(shared, (opened) =>
    loadOnServer(opened, setStateReducer<State>, initialState, options),
  )
  return [selectFrom(loaded, options?.select), setterOf(shared), metaOf(shared)]
}
