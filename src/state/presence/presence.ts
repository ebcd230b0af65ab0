import { asStreamError, StreamError } from '../../core/errors.ts'
import type { Observable } from '../../core/observable.ts'
import { type Shared, shareWhileUsed } from '../store/share-while-used.ts'
import { guarded } from '../report-error.ts'
import type { PresenceOptions, PresenceRoom } from './options.ts'
import { isName, stateText } from './presence-event.ts'
import { startStay, type Stay } from './stay.ts'
import { createView, type PresenceSnapshot } from './view.ts'
import { REAL_WORLD, type World } from './world.ts'

/**
 * Who is in a room. We are in it for as long as there are subscribers, and a moment longer, so that
 * React's StrictMode joins once.
 */
export interface Presence<State> extends Observable<PresenceSnapshot<State>> {
  /**
   * Shows what we tell of ourselves, and sends it if it changed: at most once in `updateEveryMs`, the
   * last one wins.
   *
   * @param state the whole state, or a function from the state before.
   * @throws {StreamError} `invalid` for what JSON cannot say, `too-large` for more than 8,192
   *   characters of JSON.
   */
  update: (state: State | ((state: State) => State)) => void
  /** Leaves at once. Who subscribes later joins again. */
  leave: () => void
}

/**
 * Tells who is in a room, and them that we are. It has a stream of its own, `<room>/presence`, made
 * when it is missing, that goes a while after the last visitor; the stream of the room itself is
 * neither needed nor touched. Joins at the first `subscribe`.
 *
 * @param room the URL of the room's stream, relative to the page's if you like; or with it, headers,
 *   params and so on.
 * @param me `id` names the person: all pages with the same id are one. The rest is JSON that others see.
 * @throws {StreamError} `invalid` for an id that is no text of 1 to 256 characters; as `update`.
 *
 * @example
 * const presence = createPresence('/v1/stream/rooms/lobby', { id: user.id, name: user.name })
 * presence.subscribe(() => render(presence.getSnapshot().people))
 */
export function createPresence<Me extends { id: string }>(
  room: PresenceRoom,
  me: Me,
  options: PresenceOptions = {},
): Presence<Omit<Me, 'id'>> {
  return createPresenceIn(REAL_WORLD, room, me, options)
}

/** @param world stands in for the page, its clock and its dice. */
export function createPresenceIn<Me extends { id: string }>(
  world: World,
  room: PresenceRoom,
  { id, ...state }: Me,
  options: PresenceOptions,
): Presence<Omit<Me, 'id'>> {
  if (!isName(id)) {
    throw new StreamError('invalid', `The id ${JSON.stringify(id)} must be 1 to 256 characters`)
  }
  const view = createView<Omit<Me, 'id'>>(id, stateText(state))
  let stay: Stay | undefined
  let share = openShare()

  function openShare(): Shared {
    return shareWhileUsed(visit, options.releaseAfterMs ?? 250)
  }

  async function visit(signal: AbortSignal): Promise<void> {
    let mine: Stay | undefined
    try {
      mine = startStay(world, room, options, view)
      stay = mine
      signal.addEventListener('abort', () => leave(mine))
      await mine.reading
      mine.end({ kind: 'closed' })
    } catch (cause) {
      const error = asStreamError(cause)
      const status = { kind: 'error', error } as const
      if (mine && !mine.end(status)) return
      view.setStatus(status)
      guarded(options.onError)(error)
    }
  }

  return {
    getSnapshot: view.cell.getSnapshot,
    subscribe(onChange) {
      const unsubscribe = view.cell.subscribe(onChange)
      const exit = share.enter()
      return () => {
        unsubscribe()
        exit()
      }
    },
    update(next) {
      const value = typeof next === 'function' ? next(view.cell.getSnapshot().me.state) : next
      if (view.tell({ text: stateText(value) })) stay?.changed()
    },
    leave() {
      leave(stay)
      // Who comes now comes anew, whatever is still about to end.
      share = openShare()
    },
  }
}

function leave(stay: Stay | undefined): void {
  stay?.end({ kind: 'idle' })
}
