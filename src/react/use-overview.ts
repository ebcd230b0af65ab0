import { useMemo, useSyncExternalStore } from 'react'
import type { Observable } from '../core/observable.ts'
import type { Stores } from '../state/store/stores.ts'
import { useStores } from './party-provider.tsx'

/**
 * Something that follows from the stores of the provider.
 *
 * @param hook for messages.
 * @param sum the same in each render.
 * @param before what a server renders, and the first render in the browser: the same in each render.
 */
export function useOverview<Value>(
  hook: string,
  sum: (stores: Stores) => Observable<Value>,
  before: Value,
): Value {
  const stores = useStores(hook)
  const { subscribe, getSnapshot } = useMemo(() => sum(stores), [sum, stores])
  return useSyncExternalStore(subscribe, getSnapshot, () => before)
}
