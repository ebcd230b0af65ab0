import { type Accessor, untrack } from 'solid-js'
import { selectFrom } from './select-from.ts'
import { type ServerAtom, sourceOf } from './server-atom.ts'
import { metaOf, type ServerStateMeta } from './server-state-meta.ts'
import { follow, useSharedStore } from './use-shared-store.ts'

/**
 * The state of a server atom, what sets it, and how things are with it, on the provider's server
 * unless the atom has one of its own. What a `HydrationBoundary` has for its key is shown first.
 *
 * @returns as `useServerState` does; with a reducer, as `useServerReducer`.
 * @throws {StreamError} as those.
 *
 * @example
 * const [count, setCount] = useServerAtom(counterAtom)
 */
export function useServerAtom<State, Arg>(
  serverAtom: ServerAtom<State, Arg>,
): [Accessor<State>, (arg: Arg) => void, ServerStateMeta<unknown>] {
  const { key, stores, open, write } = sourceOf(serverAtom)
  const shared = useSharedStore('useServerAtom', key, open, stores?.())
  follow(shared)
  return [
    selectFrom<State, State>(shared, undefined),
    (arg) => write(untrack(shared.opened).store, arg),
    metaOf(shared),
  ]
}
