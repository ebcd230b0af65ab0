import { type Accessor, type Context, createContext } from 'solid-js'
import type { Hydration } from '../state/hydration.ts'
import type { hydrateStore, serverSnapshot } from '../state/store/hydrate.ts'

/** What the page brings along, and what is done with it: pages that bring nothing do not load that. */
export interface HydrationScope {
  hydration: Accessor<Hydration>
  hydrateStore: typeof hydrateStore
  serverSnapshot: typeof serverSnapshot
}

export const HydrationContext: Context<HydrationScope | undefined> = /* @__PURE__ */ createContext()
