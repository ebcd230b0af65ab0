import { createContext } from 'react'
import type { Hydration, LoadedStream } from '../state/hydration.ts'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'

/** What the boundaries around have brought along, and what to do with it: only pages with a boundary load that. */
export interface HydrationScope {
  hydration: Hydration
  hydrateStore: <State, Action>(store: SharedStore<State, Action>, loaded: LoadedStream) => void
  serverSnapshot: <State, Action>(
    store: SharedStore<State, Action>,
    loaded: LoadedStream | undefined,
  ) => StoreSnapshot<State, Action>
}

export const HydrationContext: React.Context<HydrationScope | undefined> =
  /* @__PURE__ */ createContext<HydrationScope | undefined>(undefined)
