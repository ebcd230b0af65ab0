import { type Context, createContext } from 'react'
import type { Hydration } from '../state/hydration.ts'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'

/** What the boundaries around have brought along, and its use: pages without a boundary load none of that. */
export interface HydrationScope {
  hydration: Hydration
  /** Gives a store what was loaded for its key. It may be asked for in a render. */
  hydrate: <State, Action>(key: string, store: SharedStore<State, Action>) => void
  /** What a server renders of a store, and the first render in the browser, if it was loaded. */
  snapshot: <State, Action>(
    key: string,
    store: SharedStore<State, Action>,
  ) => StoreSnapshot<State, Action> | undefined
}

export const HydrationContext: Context<HydrationScope | undefined> = /* @__PURE__ */ createContext<
  HydrationScope | undefined
>(undefined)
