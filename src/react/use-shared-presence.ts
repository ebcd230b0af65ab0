import { useEffect } from 'react'
import { presenceOfHook } from '../state/presence/presence-of-hook.ts'
import type { PresenceOptions } from '../state/presence/index.ts'
import type { SharedPresence } from '../state/presence/share-presence.ts'
import { useOptionalStores } from './party-provider.tsx'
import { useHeld } from './use-held.ts'

/** The presence of this page in a room, which is told what changes of `me`. */
export function useSharedPresence<Me extends { id: string }>(
  hook: string,
  urlOrKey: string,
  me: Me,
  options: PresenceOptions,
): SharedPresence<Me> {
  const stores = useOptionalStores()
  const name = JSON.stringify([urlOrKey, me.id, options.name])
  const { presence, tell } = useHeld(stores, name, () => {
    const presence = presenceOfHook(hook, urlOrKey, stores, me, options)
    return { presence, tell: presence.createTeller() }
  })
  useEffect(() => tell(me), [tell, me])
  return presence
}
