import { useSyncExternalStore } from 'react'
import { nobodyBut } from '../state/presence/presence-of-hook.ts'
import type { Presence, PresenceOptions, PresenceSnapshot } from '../state/presence/index.ts'
import type { Told } from '../state/presence/share-presence.ts'
import { useHeld } from './use-held.ts'
import { useSharedPresence } from './use-shared-presence.ts'

/** Who is here, and what changes what they see of us. */
export type PresenceView<State> = PresenceSnapshot<State> & Pick<Presence<State>, 'update'>

/**
 * Who is in a room, while the component is there. All components of a page that are in one room as
 * the same person, with `useTyping` too, are one session. On a server, and in the first render of its
 * markup, nobody is there.
 *
 * @param urlOrKey of the room's stream, which need not exist: a URL (it begins with `/`, or has `://`
 *   in it), or a key of the provider's server.
 * @param me `id` names the person. The rest is JSON that others see; when some of it changes in a
 *   later render, that is told, and nobody leaves.
 * @param options as for `createPresence`; those of the first use of a room count.
 * @throws {StreamError} in render: `invalid` for an id that is no text of 1 to 256 characters, for
 *   what JSON cannot say, for a key that is no path, or without a server; `too-large` for more than
 *   8,192 characters of JSON.
 *
 * @example
 * const { others, update } = usePresence('rooms/lobby', { id: user.id, name: user.name })
 */
export function usePresence<Me extends { id: string }>(
  urlOrKey: string,
  me: Me,
  options: PresenceOptions = {},
): PresenceView<Told<Me>> {
  const presence = useSharedPresence('usePresence', urlOrKey, me, options)
  const nobody = useHeld(presence, undefined, () => nobodyBut(me))
  const { subscribe, getSnapshot, update } = presence
  const snapshot = useSyncExternalStore(subscribe, getSnapshot, () => nobody)
  return { ...snapshot, update }
}
