import { parsePresence, type Told } from './presence-event.ts'

/** One tab, or another place where somebody is. */
export interface PresenceSession<State> {
  /** Made anew each time that a page joins. */
  id: string
  state: State
  /** Hidden, or unused for a while. */
  away: boolean
}

interface Entry<State> extends Partial<Told> {
  /** Nothing for one that has left: a beat that was overtaken must not bring it back. */
  session?: PresenceSession<State>
  /** When it was last heard, in lived time. */
  seenMs: number
}

/** All sessions that are known here, in the order in which they last changed. */
export type Roster<State> = ReadonlyMap<string, Entry<State>>

/** A hidden page is let run about once a minute; so long it takes until it counts as gone. */
export const HIDDEN_EXPIRY_MS = 75_000

/** Enters what a session told. One that told nothing new keeps its place and its very object. */
export function enter<State>(
  roster: Map<string, Entry<State>>,
  key: string,
  told: Told,
  seenMs: number,
): void {
  const known = roster.get(key)
  const { id, text, away } = told
  if (known?.session && known.id === id && known.text === text && known.away === away) {
    roster.set(key, { ...known, seenMs })
    return
  }
  roster.delete(key)
  roster.set(key, {
    ...told,
    seenMs,
    session: { id: key, state: JSON.parse(text) as State, away },
  })
}

/** The circumstances in which a batch is heard. */
export interface Hearing {
  atMs: number
  /** Happened while we were not listening: who said it may long be gone. */
  isOld: boolean
  /** Our own session. */
  own: string
  maxSessions: number
}

/** What a batch of events tells. */
export interface Heard<State> {
  roster: Roster<State>
  /** One of them asks who is here. */
  isAsked: boolean
  /** One is of somebody who was not known, and does not ask. */
  isStrange: boolean
}

/**
 * Who is here after a batch of events. Whatever comes in: what is malformed is skipped, and there are
 * never more than `maxSessions`.
 */
export function hear<State>(
  roster: Roster<State>,
  items: readonly unknown[],
  { atMs, isOld, own, maxSessions }: Hearing,
): Heard<State> {
  const next = new Map(roster)
  let isAsked = false
  let isStrange = false
  for (const item of items) {
    const event = parsePresence(item)
    if (!event || event.key === own) continue
    const { key, told } = event
    const known = next.get(key)
    const hasRoom = known ?? next.size < maxSessions
    if (!told) {
      if (hasRoom) next.set(key, { seenMs: atMs })
    } else if (!isOld && (!known || known.session)) {
      isAsked ||= event.asks === true
      if (!hasRoom) continue
      isStrange ||= !known && !event.asks
      enter(next, key, told, atMs)
    }
  }
  return { roster: next, isAsked, isStrange }
}

/** Who is left at a time; `===` when nobody went. */
export function expire<State>(
  roster: Roster<State>,
  atMs: number,
  expireAfterMs: number,
): Roster<State> {
  const awayMs = Math.max(expireAfterMs, HIDDEN_EXPIRY_MS)
  const left = [...roster].filter(
    ([, { away, seenMs }]) => atMs - seenMs < (away ? awayMs : expireAfterMs),
  )
  return left.length === roster.size ? roster : new Map(left)
}
