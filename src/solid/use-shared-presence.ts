import { type Accessor, createEffect, createMemo, untrack } from 'solid-js'
import { presenceOfHook } from '../state/presence/presence-of-hook.ts'
import type { PresenceOptions } from '../state/presence/index.ts'
import type { SharedPresence } from '../state/presence/share-presence.ts'
import { useOptionalStores } from './party-provider.ts'
import type { Key } from './use-shared-store.ts'

/** Ourselves; an accessor, if that changes. */
export type MeOf<Me> = Me | Accessor<Me>

/** The presence of this page in a room, which is told what changes of `me`. */
export function useSharedPresence<Me extends { id: string }>(
  hook: string,
  urlOrKey: Key,
  me: MeOf<Me>,
  options: PresenceOptions,
): { presence: Accessor<SharedPresence<Me>>; me: Accessor<Me> } {
  const stores = useOptionalStores()
  const named = typeof urlOrKey === 'function' ? urlOrKey : () => urlOrKey
  const present = (typeof me === 'function' ? me : () => me) as Accessor<Me>
  const id = createMemo(() => present().id)
  const held = createMemo(() => {
    id()
    const key = named()
    const presence = untrack(() => presenceOfHook(hook, key, stores, present(), options))
    return { presence, tell: presence.createTeller() }
  })
  createEffect(() => held().tell(present()))
  return { presence: () => held().presence, me: present }
}
