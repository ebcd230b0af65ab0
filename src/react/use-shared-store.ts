import { useContext, useState, useSyncExternalStore } from 'react'
import type { SharedStore } from '../state/store/index.ts'
import type { Stores } from '../state/store/stores.ts'
import { warnInitialValue, warnLossy } from '../state/store/warnings.ts'
import { HydrationContext } from './hydration-context.ts'
import { useStores } from './party-provider.tsx'
import { createLook, type StoreView } from './store-view.ts'

/** Which store a hook uses, and how. */
export interface StoreUse<State, Action, Write, Shown> {
  /** The hook, for messages. */
  hook: string
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

  function hold() {
    const store = open(stores)
    warnLossy(hook, key, initialState)
    scope?.hydrate(key, store)
    return { stores, key, initialState, store, look: createLook(store, writer(store)) }
  }
  const [first, setHeld] = useState(hold)
  let held = first
  if (held.stores !== stores || held.key !== key) {
    held = hold()
    setHeld(held)
  } else warnInitialValue(hook, key, held.initialState, initialState)
  const { store, look } = held
  const view = useSyncExternalStore(
    store.subscribe,
    () => look(store.getSnapshot(), select),
    () => look(scope?.snapshot(key, store) ?? store.initialSnapshot, select),
  )
  return [view, store]
}
