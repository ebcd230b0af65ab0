import {
  type Collection,
  type Context,
  createLiveQueryCollection,
  type GetResult,
  type InitialQueryBuilder,
  type QueryBuilder,
} from '@tanstack/solid-db'
import { type Accessor, onCleanup } from 'solid-js'
import { createStore, reconcile } from 'solid-js/store'
import { isServer } from 'solid-js/web'

/**
 * The rows of a live query, there from the first render on, on the server as well. `useLiveQuery` of
 * TanStack DB gets them a moment later, and in a page that a server has rendered it stands still.
 */
export function createRows<Of extends Context>(
  query: (q: InitialQueryBuilder) => QueryBuilder<Of>,
): Accessor<readonly GetResult<Of>[]> {
  const live = createLiveQueryCollection(query) as unknown as Collection<GetResult<Of>>
  live.startSyncImmediate()
  const [rows, setRows] = createStore<GetResult<Of>[]>(live.toArray)
  if (!isServer) {
    const watching = live.subscribeChanges(() => setRows(reconcile(live.toArray)))
    onCleanup(() => watching.unsubscribe())
  }
  onCleanup(() => void live.cleanup())
  return () => rows
}
