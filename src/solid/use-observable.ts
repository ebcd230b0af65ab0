import {
  type Accessor,
  createComputed,
  createMemo,
  createSignal,
  onCleanup,
  untrack,
} from 'solid-js'
import { isServer } from 'solid-js/web'
import type { Observable } from '../core/observable.ts'
import { orAsServed } from './hydrating.ts'

/**
 * The current snapshot of an observable, as a signal.
 *
 * @param open gives the observable; it is tracked.
 * @param served what a server renders: nothing is followed there.
 */
export function useObservable<Snapshot>(
  open: () => Observable<Snapshot>,
  served: Snapshot,
): Accessor<Snapshot> {
  if (isServer) return () => served
  const signal = createMemo(() => {
    const { getSnapshot, subscribe } = open()
    const [snapshot, setSnapshot] = createSignal(untrack(getSnapshot), { equals: false })
    const renew = (): void => void setSnapshot((now) => now)
    const look = (): void => {
      const next = getSnapshot()
      if (!Object.is(untrack(snapshot), next)) setSnapshot(() => next)
    }
    createComputed(() => {
      onCleanup(untrack(() => subscribe(look)))
      untrack(look)
    })
    return () => orAsServed(snapshot(), served, renew)
  })
  return () => signal()()
}
