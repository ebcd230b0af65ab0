import type { Stores } from '../store/stores.ts'
import { streamTarget } from '../stream-target.ts'
import type { PresenceOptions } from './options.ts'
import type { Person } from './people.ts'
import { type SharedPresence, sharePresence, type Told } from './share-presence.ts'
import type { PresenceSnapshot } from './view.ts'

export interface TypingOptions extends PresenceOptions {
  /** After so long without a word nobody types any more, in milliseconds. Default 3,000. */
  quietMs?: number | undefined
}

/** The presence that a hook shows. */
export function presenceOfHook<Me extends { id: string }>(
  hook: string,
  urlOrKey: string,
  stores: Stores | undefined,
  me: Me,
  options: PresenceOptions,
): SharedPresence<Me> {
  return sharePresence(streamTarget(urlOrKey, stores, `${hook}("${urlOrKey}")`), me, options)
}

/** What a server renders: nobody is here yet. */
export function nobodyBut<Me extends { id: string }>({
  id,
  ...state
}: Me): PresenceSnapshot<Told<Me>> {
  const me: Person<Told<Me>> = { id, state, away: false, sessions: [] }
  return { people: [], others: [], me, status: { kind: 'idle' } }
}
