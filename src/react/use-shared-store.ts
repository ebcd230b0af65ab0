import { useState, useSyncExternalStore } from 'react'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'
import type { Stores } from '../state/store/stores.ts'
import { useStores } from './party-provider.tsx'

/**
 * The store of `key` and its current snapshot; renders again when that changes. As with `useState`,
 * what `open` says in the first render of a key counts.
 */
export function useSharedStore<State, Action>(
  hook: string,
  key: string,
  open: (stores: Stores) => SharedStore<State, Action>,
): [StoreSnapshot<State, Action>, SharedStore<State, Action>] {
  const stores = useStores(hook, key)
  const [held, hold] = useState(() => ({ stores, key, store: open(stores) }))
  let { store } = held
  if (held.stores !== stores || held.key !== key) {
    store = open(stores)
    hold({ stores, key, store })
  }
  const snapshot = useSyncExternalStore(
    store.subscribe,
    store.getSnapshot,
    () => store.initialSnapshot,
  )
  return [snapshot, store]
}
