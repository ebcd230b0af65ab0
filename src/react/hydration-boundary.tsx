'use client'

import { type ReactElement, type ReactNode, useContext, useMemo } from 'react'
import { type Hydration, type HydrationData, readHydration } from '../state/hydration.ts'
import { hydrateStore, serverSnapshot } from '../state/store/hydrate.ts'
import { HydrationContext, type HydrationScope } from './hydration-context.ts'

export interface HydrationBoundaryProps {
  /** What `loadStreamWithReducer`, `loadMultipleStreamsWithReducers` or `dehydrateStreamDB` gave; lists of it too. */
  data: HydrationData
  children?: ReactNode
}

/**
 * Gives the hooks below it the state that a server has loaded. They show it in their first render, on
 * the server and in the browser, and read on from its offset: nothing flashes, and nothing is fetched
 * twice. Boundaries nest; of a key the inner one counts.
 *
 * @throws {StreamError} `invalid`, in render, for data that no loader has made.
 *
 * @example
 * <HydrationBoundary data={data}>
 *   <Counter />
 * </HydrationBoundary>
 */
export function HydrationBoundary({ data, children }: HydrationBoundaryProps): ReactElement {
  const outer = useHydration()
  const scope = useMemo(() => createScope(readHydration(data, outer)), [data, outer])
  return <HydrationContext.Provider value={scope}>{children}</HydrationContext.Provider>
}

/** What the boundaries around have brought along. */
export function useHydration(): Hydration | undefined {
  return useContext(HydrationContext)?.hydration
}

function createScope(hydration: Hydration): HydrationScope {
  const { streams } = hydration
  return {
    hydration,
    hydrate(key, store) {
      const loaded = streams.get(key)
      if (loaded) hydrateStore(store, loaded)
    },
    snapshot(key, store) {
      const loaded = streams.get(key)
      return loaded && serverSnapshot(store, loaded)
    },
  }
}
