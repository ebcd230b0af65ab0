import type { JsonBatch } from '../../core/batch.ts'
import { expire, hear, HIDDEN_EXPIRY_MS } from './roster.ts'
import type { View } from './view.ts'
import type { World } from './world.ts'

/**
 * Keeps who is here by what is heard, and what is not. Only time in which others could have been heard
 * counts against them: not while the connection was away, or this machine asleep.
 */
export interface Ears {
  isOpen: () => boolean
  /** The connection is away. */
  close: () => void
  /** All that is known may be out of date. */
  forget: () => void
  /** @returns what is to be said to it. */
  hear: (batch: JsonBatch) => {
    isAsked: boolean
    isStrange: boolean
    /** Now all is heard again, or for the first time. */
    isBack: boolean
    /** It has been so long that others must be asked. */
    isOld: boolean
  }
  /** Lets go who has not been heard for too long. */
  expire: () => void
}

export function createEars<State>(
  { now, isHidden }: Pick<World, 'now' | 'isHidden'>,
  view: View<State>,
  expireAfterMs: number,
  maxSessions: number,
): Ears {
  // After so long what was said is old; and so long a timer of a page that is seen never takes.
  const longMs = expireAfterMs / 3
  /** Time in which we could hear. */
  let livedMs = 0
  let atMs = now()
  let closedMs = -Infinity
  let isOpen = false

  /** Lets time pass, before anything else is done: so sleep is noticed. */
  function pass(): void {
    const passedMs = now() - atMs
    atMs += passedMs
    if (!isOpen) return
    if (passedMs <= (isHidden() ? HIDDEN_EXPIRY_MS : longMs)) livedMs += passedMs
    else forget()
  }

  function forget(): void {
    isOpen = false
    closedMs = -Infinity
  }

  return {
    forget,
    isOpen: () => isOpen,
    close() {
      pass()
      if (isOpen) closedMs = atMs
      isOpen = false
    },
    hear({ items, upToDate }) {
      pass()
      const isOld = !isOpen && atMs - closedMs > longMs
      const isBack = !isOpen && upToDate
      const own = view.own().key
      const hearing = { atMs: livedMs, isOld, own, maxSessions }
      const { roster, isAsked, isStrange } = hear(view.roster(), items, hearing)
      view.show(roster)
      if (isBack) isOpen = true
      return { isAsked, isStrange, isBack, isOld }
    },
    expire() {
      pass()
      view.show(expire(view.roster(), livedMs, expireAfterMs))
    },
  }
}
