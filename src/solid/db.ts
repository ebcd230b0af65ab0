import {
  type Accessor,
  createComputed,
  createMemo,
  createSignal,
  onCleanup,
  sharedConfig,
  startTransition,
  untrack,
  useContext,
} from 'solid-js'
import { isServer } from 'solid-js/web'
import type { StateDefinition } from '../state/definition.ts'
import type { ActionDefinitions } from '../state/db/actions.ts'
import { openShared, type UseStreamDBOptions } from '../state/db/open-shared.ts'
import type { DatabaseState, SharedDatabase } from '../state/db/shared-database.ts'
import type { StreamDB } from '../state/db/stream-db.ts'
import { HydrationContext } from './hydration-context.ts'
import { useOptionalStores } from './party-provider.ts'
import { useObservable } from './use-observable.ts'

export type { UseStreamDBOptions } from '../state/db/open-shared.ts'

/** A StreamDB, and how things are with it: each is tracked where it is read. */
export interface UsedStreamDB<
  Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
> extends Readonly<DatabaseState> {
  readonly db: StreamDB<Definition, Definitions>
}

/**
 * A StreamDB that is open for as long as a component shows it: closed a moment after the last
 * component that uses it has gone.
 *
 * `db` is there at once, for `useLiveQuery` of TanStack DB. Below a `HydrationBoundary` that has its
 * rows they show at once, on the server, too. On a server nothing is read.
 *
 * Components that name the same stream, with a schema of the same collections, types, primary keys and
 * `schemaVersion`, share one database. Options that change are a function: another key, URL, schema,
 * `live`, `persistenceScope`, or other text in headers or params opens another database. All else,
 * such as actions and callbacks, is as the component says that opens it.
 *
 * @param options those of `createStreamDB`, or a function that gives them; with a `key` instead of
 *   `streamOptions: { url }` the stream is on the server of the `PartyProvider`.
 * @throws {StreamError} `invalid` without a stream, with two, or for a key without a server.
 *
 * @example
 * const board = useStreamDB(() => ({ key: props.room, state: schema }))
 * const cards = useLiveQuery((q) => q.from({ card: board.db.collections.cards }))
 */
export function useStreamDB<
  const Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
>(
  options:
    | UseStreamDBOptions<Definition, Definitions>
    | Accessor<UseStreamDBOptions<Definition, Definitions>>,
): UsedStreamDB<Definition, Definitions> {
  const stores = useOptionalStores()
  const scope = useContext(HydrationContext)
  const shared = createMemo((): SharedDatabase<StreamDB<Definition, Definitions>> => {
    const given = typeof options === 'function' ? options() : options
    // What the page brings along later does not open another one.
    return untrack(() => openShared(given, { stores, hydration: scope?.hydration() }))
  })
  const state = useObservable(() => shared().state, untrack(shared).firstState)
  if (!isServer) {
    createComputed(() => {
      const { enter } = shared()
      // In a scope of its own, a transition to another stream keeps both until it is through.
      createComputed(() => onCleanup(untrack(enter)))
    })
  }

  const renewed = renewedAfterHydration()

  return {
    get db() {
      renewed()
      return shared().db
    },
    get status() {
      return state().status
    },
    get isReady() {
      return state().isReady
    },
    get error() {
      return state().error
    },
  }
}

/**
 * A live query of TanStack DB that takes over what a server has rendered keeps the rows of the server
 * for good (solid-db 0.2.45). So those that have read `db` by then are made anew, once.
 */
function renewedAfterHydration(): () => void {
  const [track, renew] = createSignal<void>(undefined, { equals: false })
  // In a transition, which leaves the rows where they are until the new ones are there.
  if (sharedConfig.context) queueMicrotask(() => void startTransition(() => renew()))
  return track
}
