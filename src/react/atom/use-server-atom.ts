import { useStore } from 'jotai'
import { useContext, useSyncExternalStore } from 'react'
import { StreamError } from '../../core/errors.ts'
import { HydrationContext } from '../hydration-context.ts'
import { useOptionalStores } from '../party-provider.tsx'
import { type ServerAtom, sourceOf } from './server-atom.ts'
import { createLook, type ServerStateMeta } from '../store-view.ts'
import { useHeld } from '../use-held.ts'

/**
 * The state of a server atom, what sets it, and how things are with it, on the provider's server
 * unless the atom has one of its own. What a `HydrationBoundary` has for its key is shown in the
 * first render.
 *
 * @returns as `useServerState` does; with a reducer, as `useServerReducer`.
 * @throws {StreamError} as those.
 *
 * @example
 * const [count, setCount] = useServerAtom(counterAtom)
 */
export function useServerAtom<State, Arg>(
  serverAtom: ServerAtom<State, Arg>,
): [State, (arg: Arg) => void, ServerStateMeta<unknown>] {
  const source = sourceOf(serverAtom)
  const { key } = source
  const jotai = useStore()
  const provided = useOptionalStores()
  const scope = useContext(HydrationContext)
  const stores = source.server ? jotai.get(source.storesAtom) : provided
  if (!stores) {
    throw new StreamError(
      'invalid',
      `useServerAtom of "${key}" has no server: outside a browser wrap it in <PartyProvider serverUrl="http://127.0.0.1:4437/v1/stream">`,
    )
  }
  const { store, look } = useHeld(stores, source, () => {
    const store = source.open(stores)
    scope?.hydrate(key, store)
    return { store, look: createLook(store, (arg: Arg) => source.write(store, arg)) }
  })
  return useSyncExternalStore(
    store.subscribe,
    () => look(store.getSnapshot(), undefined),
    () => look(scope?.snapshot(key, store) ?? store.initialSnapshot, undefined),
  )
}
