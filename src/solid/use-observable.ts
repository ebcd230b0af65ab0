import {
  type Accessor,
  createComputed,
  createMemo,
  createSignal,
  onCleanup,
  sharedConfig,
  untrack,
} from 'solid-js'
import { isServer } from 'solid-js/web'
import type { Observable } from '../core/observable.ts'

/**
 * The current snapshot of an observable, as a signal.
 *
 * @param open gives the observable; it is tracked.
 * @param served what a server renders, and a part of the page that is just taking over its markup:
 *   nothing is followed there.
 */
export function useObservable<Snapshot>(
  open: () => Observable<Snapshot>,
  served: Snapshot,
): Accessor<Snapshot> {
  if (isServer) return () => served
  const signal = createMemo(() => {
    const { getSnapshot, subscribe } = open()
    const [snapshot, setSnapshot] = createSignal(untrack(getSnapshot), { equals: false })
    const look = (): void => {
      const next = getSnapshot()
      if (!Object.is(untrack(snapshot), next)) setSnapshot(() => next)
    }
    // In a scope of its own, a transition to another one follows both until it is through.
    createComputed(() => {
      onCleanup(untrack(() => subscribe(look)))
      untrack(look)
    })
    return () => {
      const present = snapshot()
      if (!sharedConfig.context || Object.is(present, served)) return present
      queueMicrotask(() => setSnapshot((now) => now))
      return served
    }
  })
  return () => signal()()
}
