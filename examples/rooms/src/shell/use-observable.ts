import { useSyncExternalStore } from 'react'
import type { Observable } from 'streamwell'

/** The current snapshot of `source`; renders again when it changes. */
export function useObservable<Snapshot>(source: Observable<Snapshot>): Snapshot {
  return useSyncExternalStore(source.subscribe, source.getSnapshot)
}
