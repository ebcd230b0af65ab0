import { useContext, useSyncExternalStore } from 'react'
import type { SharedStore } from '../state/store/index.ts'
import type { Stores } from '../state/store/stores.ts'
import { warnInitialValue, warnLossy } from '../state/store/warnings.ts'
import { HydrationContext } from './hydration-context.ts'
import { useStores } from './party-provider.tsx'
import { useHeld } from './use-held.ts'
import { createLook, type StoreView } from './store-view.ts'

/** A hook, by its name, for messages. */
export interface Variant {
  hook: string
  /** Suspends until the state is loaded, on a server too, and so never shows the initial one. */
  suspends?: boolean
}

/** Which store a hook uses, and how. */
export interface StoreUse<State, Action, Write, Shown> extends Variant {
  key: string
  initialState: State
  open: (stores: Stores) => SharedStore<State, Action>
  /** What changes the store. */
  writer: (store: SharedStore<State, Action>) => Write
  select: ((state: State) => Shown) | undefined
}

/**
 * The view of a store that a component has, and the store. The component renders again when the view
 * changes. As with `useState`, what `open` says in the first render of a key counts.
 */
export function useSharedStore<State, Action, Write, Shown>({
  hook,
  suspends,
  key,
  initialState,
  open,
  writer,
  select,
}: StoreUse<State, Action, Write, Shown>): [
  StoreView<Shown, Write, Action>,
  SharedStore<State, Action>,
] {
  const stores = useStores(`${hook}("${key}")`)
  const scope = useContext(HydrationContext)

  const { store, look, first } = useHeld(stores, key, () => {
    const store = open(stores)
    warnLossy(hook, key, initialState)
    scope?.hydrate(key, store)
    return { store, look: createLook(store, writer(store)), first: initialState }
  })
  warnInitialValue(hook, key, first, initialState)
  const view = useSyncExternalStore(
    store.subscribe,
    () => look(store.getSnapshot(), select),
    () => {
      const before = suspends ? store.getSnapshot() : store.initialSnapshot
      return look(scope?.snapshot(key, store) ?? before, select)
    },
  )
  return [view, store]
}
