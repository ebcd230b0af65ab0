import type { ServerStateMeta } from './store-view.ts'
import { suspendUntilLoaded } from './suspend-until-loaded.ts'
import { type ServerStateOptions, type SetServerState, useStateStore } from './use-server-state.ts'

/**
 * As `useServerState`, but suspends until the value has been loaded, instead of showing the initial
 * one until then. With a key that changes in a transition the old screen stays meanwhile.
 *
 * @throws {StreamError} besides: to the error boundary what ended the reading before there was a
 *   value. Rendered again a second later or more, as by the boundary's reset, it tries anew.
 *
 * @example
 * <Suspense fallback={<Spinner />}><Counter /></Suspense> // where Counter has
 * const [count, setCount] = useServerStateSuspense(0, 'counter')
 */
export function useServerStateSuspense<State, Shown = State>(
  initialState: State,
  key: string,
  options?: ServerStateOptions<State, State, Shown>,
): [Shown, SetServerState<State>, ServerStateMeta<State>] {
  const variant = { hook: 'useServerStateSuspense', suspends: true }
  const [view, store] = useStateStore(variant, initialState, key, options)
  if (!view[2].isLoaded) suspendUntilLoaded(store)
  return view
}
