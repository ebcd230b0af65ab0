'use client'

import { useContext, useEffect, useReducer, useSyncExternalStore } from 'react'
import type { StateDefinition } from '../state/definition.ts'
import type { ActionDefinitions } from '../state/db/actions.ts'
import { openShared, type UseStreamDBOptions } from '../state/db/open-shared.ts'
import type { DatabaseState } from '../state/db/shared-database.ts'
import type { StreamDB } from '../state/db/stream-db.ts'
import { HydrationContext } from './hydration-context.ts'
import { useOptionalStores } from './party-provider.tsx'

export type { UseStreamDBOptions } from '../state/db/open-shared.ts'

/** A StreamDB, and how things are with it. */
export interface UsedStreamDB<
  Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
> extends DatabaseState {
  db: StreamDB<Definition, Definitions>
}

/**
 * A StreamDB that is open for as long as a component shows it: made in the first render, read from
 * when it has mounted, closed a moment after the last component that uses it has gone.
 *
 * `db` is there from the first render on, for `useLiveQuery` of TanStack DB. Below a
 * `HydrationBoundary` that has its rows they show in the first render, on the server, too. On a server
 * nothing is read.
 *
 * Components that name the same stream, with a schema of the same collections, types, primary keys and
 * `schemaVersion`, share one database. Options may be written inline: another key, URL, schema,
 * `live`, `persistenceScope`, or other text in headers or params opens another database. All else,
 * such as actions and callbacks, is as the component says that opens it.
 *
 * @param options those of `createStreamDB`, or a function that gives them; with a `key` instead of
 *   `streamOptions: { url }` the stream is on the server of the `PartyProvider`.
 * @throws {StreamError} in render: `invalid` without a stream, with two, or for a key without a server.
 *
 * @example
 * const { db, isReady } = useStreamDB({ key: 'board', state: schema })
 * const { data } = useLiveQuery((q) => q.from({ card: db.collections.cards }))
 */
export function useStreamDB<
  const Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
>(
  options:
    | UseStreamDBOptions<Definition, Definitions>
    | (() => UseStreamDBOptions<Definition, Definitions>),
): UsedStreamDB<Definition, Definitions> {
  const stores = useOptionalStores()
  const hydration = useContext(HydrationContext)?.hydration
  const [attempt, reopen] = useReducer((count: number) => count + 1, 0)
  const given = typeof options === 'function' ? options() : options
  const shared = openShared(given, { stores, hydration, attempt })

  useEffect(() => {
    if (!shared.isClosed) return shared.enter()
    // Hidden for a while, and shown again.
    reopen()
    return undefined
  }, [shared])

  const { subscribe, getSnapshot } = shared.state
  const state = useSyncExternalStore(subscribe, getSnapshot, () => shared.firstState)
  return { db: shared.db, ...state }
}
