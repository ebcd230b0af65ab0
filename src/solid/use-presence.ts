import { untrack } from 'solid-js'
import { nobodyBut } from '../state/presence/presence-of-hook.ts'
import type { Presence, PresenceOptions, PresenceSnapshot } from '../state/presence/index.ts'
import type { Told } from '../state/presence/share-presence.ts'
import { useObservable } from './use-observable.ts'
import { type MeOf, useSharedPresence } from './use-shared-presence.ts'
import type { Key } from './use-shared-store.ts'

/**
 * Who is here, and what changes what they see of us. Each is a signal: read it where it is used, and
 * do not take it out of the object before.
 */
export type PresenceView<State> = Readonly<PresenceSnapshot<State>> &
  Pick<Presence<State>, 'update'>

/**
 * Who is in a room, while the component is there. All components of a page that are in one room as
 * the same person, with `useTyping` too, are one session. On a server, and while its markup is taken
 * over, nobody is there.
 *
 * @param urlOrKey of the room's stream, which need not exist: a URL (it begins with `/`, or has `://`
 *   in it), or a key of the provider's server; an accessor, if it changes.
 * @param me `id` names the person. The rest is JSON that others see. When some of it changes (give an
 *   accessor then), that is told, and nobody leaves.
 * @param options as for `createPresence`; those of the first use of a room count.
 * @throws {StreamError} `invalid` for an id that is no text of 1 to 256 characters, for what JSON
 *   cannot say, for a key that is no path, or without a server; `too-large` for more than 8,192
 *   characters of JSON.
 *
 * @example
 * const room = usePresence('rooms/lobby', () => ({ id: user.id, name: name() }))
 * return <For each={room.others}>{(person) => <li>{person.state.name}</li>}</For>
 */
export function usePresence<Me extends { id: string }>(
  urlOrKey: Key,
  me: MeOf<Me>,
  options: PresenceOptions = {},
): PresenceView<Told<Me>> {
  const shared = useSharedPresence('usePresence', urlOrKey, me, options)
  const snapshot = useObservable(shared.presence, nobodyBut(untrack(shared.me)))
  return {
    get people() {
      return snapshot().people
    },
    get others() {
      return snapshot().others
    },
    get me() {
      return snapshot().me
    },
    get status() {
      return snapshot().status
    },
    update: (state) => untrack(shared.presence).update(state),
  }
}
