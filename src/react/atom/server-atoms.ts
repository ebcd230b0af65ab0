import { useStore } from 'jotai'
import { type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { HydrationContext } from '../hydration-context.ts'
import { useStores } from '../party-provider.tsx'
import { scopeAtom } from './server-atom.ts'

/**
 * Lets `useAtom`, and all else that jotai has, find server atoms on the server of the provider around,
 * with what a `HydrationBoundary` around has for them. It stands below these, and below the `Provider`
 * of jotai, whose atoms it is for; there is one for each.
 *
 * @example
 * <PartyProvider serverUrl="https://example.com/v1/stream">
 *   <ServerAtoms>
 *     <App />
 *   </ServerAtoms>
 * </PartyProvider>
 */
export function ServerAtoms({ children }: { children?: ReactNode }): ReactNode {
  const jotai = useStore()
  const stores = useStores('<ServerAtoms>')
  const hydration = useContext(HydrationContext)
  const scope = useMemo(() => ({ stores, hydration }), [stores, hydration])
  // What is below is rendered next, and shall find it.
  useState(() => jotai.set(scopeAtom, scope))
  useEffect(() => jotai.set(scopeAtom, scope), [jotai, scope])
  return children
}
