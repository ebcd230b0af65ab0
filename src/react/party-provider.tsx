'use client'

import { createContext, type ReactElement, type ReactNode, useContext, useState } from 'react'
import { StreamError } from '../core/errors.ts'
import { sameOriginServerUrl } from '../state/store/key-url.ts'
import { createStores, type Stores, type StoresOptions } from '../state/store/stores.ts'

const StoresContext = /* @__PURE__ */ createContext<Stores | undefined>(undefined)

/** Serves hooks that stand outside a provider, on pages that have a server of their own. */
let storesOfPage: Stores | undefined

export interface PartyProviderProps extends StoresOptions {
  children?: ReactNode
}

/**
 * Says which server the hooks below it share their state on, and how to ask it. All of its options
 * are read once, when it mounts. Not needed on a page whose own server has the streams, as it is
 * with the Vite plugin.
 *
 * @example
 * <PartyProvider serverUrl="https://example.com/v1/stream" headers={{ authorization: getToken }}>
 */
export function PartyProvider({ children, ...options }: PartyProviderProps): ReactElement {
  const [stores] = useState(() => createStores(options))
  return <StoresContext.Provider value={stores}>{children}</StoresContext.Provider>
}

/** The stores of the nearest provider, or of the page, if it has a server. */
export function useOptionalStores(): Stores | undefined {
  const provided = useContext(StoresContext)
  return provided ?? (sameOriginServerUrl() === undefined ? undefined : openStoresOfPage())
}

function openStoresOfPage(): Stores {
  return (storesOfPage ??= createStores())
}

/**
 * @param user the hook that asks, as its user wrote it.
 * @throws {StreamError} `invalid` where there is neither a provider nor a page with a server.
 */
export function useStores(user: string): Stores {
  const stores = useOptionalStores()
  if (stores) return stores
  throw new StreamError(
    'invalid',
    `${user} has no server: wrap it in <PartyProvider serverUrl="https://…/v1/stream">`,
  )
}
