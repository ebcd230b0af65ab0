import type { EndpointOptions } from '../../core/endpoint.ts'
import type { Observable } from '../../core/observable.ts'
import { endpointIdentity } from '../endpoint-identity.ts'
import { createWeakShares } from '../weak-shares.ts'
import { withChanges } from './changes.ts'
import type { PresenceOptions } from './options.ts'
import type { Person } from './people.ts'
import { stateText } from './presence-event.ts'
import { createPresence, type Presence } from './presence.ts'
import { createTypists, type Typing, type Typist, watchTyping } from './typing.ts'

/** What a page that tells `Me` of itself shows of others. */
export type Told<Me> = Omit<Me, 'id'> & Typing

/** The presence of a page in a room, which all of its components share. */
export interface SharedPresence<Me> extends Presence<Told<Me>> {
  /** Others who type. */
  typing: Observable<readonly Person<Told<Me>>[]>
  /** For one component that tells of us: it passes on what changes of that. */
  createTeller: () => (me: Me) => void
  createTypist: (quietMs: number) => Typist
}

/** Those of this page. */
const shared = /* @__PURE__ */ createWeakShares<SharedPresence<{ id: string }>>()

/**
 * The presence of this page in a room: one for each person, whatever else is told of them.
 *
 * @throws {StreamError} as `createPresence`.
 */
export function sharePresence<Me extends { id: string }>(
  room: EndpointOptions,
  me: Me,
  options: PresenceOptions,
): SharedPresence<Me> {
  const identity = [me.id, options.name, ...endpointIdentity(room)]
  return shared.find(identity, () => openShared(room, me, options) as never) as never
}

function openShared<Me extends { id: string }>(
  room: EndpointOptions,
  me: Me,
  options: PresenceOptions,
): SharedPresence<Me> {
  const presence = createPresence<Me & Typing>(room, me, options) as Presence<Told<Me>>
  const { update } = presence
  /** All that was told first. */
  let first = JSON.parse(textOf(me)) as object

  return {
    ...presence,
    typing: watchTyping(presence),
    createTypist: createTypists((isTyping) => {
      // Who does not type tells nothing of it.
      update((state) => ({ ...state, isTyping: isTyping || undefined }))
    }),
    createTeller() {
      let before: string | undefined
      return (me) => {
        const now = textOf(me)
        if (now === before) return
        const told = JSON.parse(now) as object
        const known = { ...(before === undefined ? first : (JSON.parse(before) as object)) }
        const drops = before !== undefined
        update((state) => withChanges(state, known, { ...told }, drops))
        before = now
        first = { ...first, ...told }
      }
    },
  }
}

/** As others see it: what they cannot see is no change. */
function textOf(me: { id: string }): string {
  return stateText({ ...me, id: undefined })
}
