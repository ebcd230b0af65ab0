import { BEGINNING } from '../../core/protocol.ts'
import type { LoadedStream } from '../hydration.ts'
import type { KeptStore } from './keeper.ts'
import type { SharedStore, StoreSnapshot } from './store-snapshot.ts'

/**
 * Takes over what a server has loaded, so that reading goes on from there. A store that is being read,
 * knows more already, or has writes that may be in there, keeps what it has. The same again changes nothing.
 */
export function hydrateStore<State, Action>(
  store: SharedStore<State, Action>,
  { state, version, untagged, offset, kind }: LoadedStream,
): void {
  // Every store is one that can be kept.
  const kept = store as KeptStore<State, Action>
  const now = kept.look()
  const isNewer = now.offset === BEGINNING ? !store.getSnapshot().isLoaded : offset > now.offset
  if (kind !== kept.kind || now.isRead || now.pending.length > 0 || !isNewer) return
  kept.put({ confirmed: { state: state as State, version, untagged }, offset })
}

const snapshots = new WeakMap<LoadedStream, StoreSnapshot<never, never>>()

/** What a server renders, and the first render of the browser repeats: the same for the same `loaded`. */
export function serverSnapshot<State, Action>(
  store: SharedStore<State, Action>,
  loaded: LoadedStream | undefined,
): StoreSnapshot<State, Action> {
  const { initialSnapshot } = store
  if (loaded?.kind !== (store as KeptStore<State, Action>).kind) return initialSnapshot
  const { state, offset } = loaded
  const known = snapshots.get(loaded)
  if (known) return known
  const snapshot = { ...initialSnapshot, state: state as State, offset, isLoaded: true }
  snapshots.set(loaded, snapshot as never)
  return snapshot
}
