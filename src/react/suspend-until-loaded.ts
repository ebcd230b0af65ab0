import type { SharedStore } from '../state/store/index.ts'
import { whenLoaded } from '../state/store/when-loaded.ts'

/** Why a store was not loaded, for what was suspended on that. */
const refusals = new WeakMap<Promise<void>, { error: unknown }>()

/**
 * Suspends the component that renders until its store has loaded. A promise is thrown, as all versions
 * of React understand it.
 *
 * @throws what the loading failed with, to the nearest error boundary.
 */
export function suspendUntilLoaded<State, Action>(store: SharedStore<State, Action>): void {
  const promise = whenLoaded(store)
  const refusal = refusals.get(promise)
  if (refusal) throw refusal.error
  // Known before React renders again, which listens to the promise after this.
  promise.catch((error: unknown) => refusals.set(promise, { error }))
  throw promise
}
