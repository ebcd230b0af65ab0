import type { PresenceSession, Roster } from './roster.ts'

/** Somebody who is here, in one place or several. */
export interface Person<State> {
  id: string
  /** Of the first session. */
  state: State
  /** Whether all sessions are. */
  away: boolean
  /** Those that are not away come first, and of these the one that changed last. */
  sessions: readonly PresenceSession<State>[]
}

/**
 * The people of a roster, by id. Who has not changed is the very same object as `before`, and so is
 * the list when nobody has.
 *
 * @param own a session that comes first, since it is what this page tells of itself.
 */
export function toPeople<State>(
  roster: Roster<State>,
  own: string,
  before: readonly Person<State>[],
): readonly Person<State>[] {
  const rank = ({ id, away }: PresenceSession<State>): number => (id === own ? 0 : away ? 2 : 1)
  const known = new Map(before.map((person) => [person.id, person]))
  const groups = new Map<string, PresenceSession<State>[]>()
  for (const { id, session } of roster.values()) {
    if (!session) continue
    const sessions = groups.get(id!)
    if (sessions) sessions.unshift(session)
    else groups.set(id!, [session])
  }
  const people = [...groups].map(([id, sessions]): Person<State> => {
    const person = known.get(id)
    sessions.sort((a, b) => rank(a) - rank(b))
    if (person && keep(person.sessions, sessions) === person.sessions) return person
    const { state } = sessions[0]!
    return { id, state, away: sessions.every(({ away }) => away), sessions }
  })
  return keep(
    before,
    people.sort((a, b) => (a.id < b.id ? -1 : 1)),
  )
}

/** The list as it was, if it is still the same. */
export function keep<Item>(before: readonly Item[], now: readonly Item[]): readonly Item[] {
  const isSame = now.length === before.length && now.every((item, i) => item === before[i])
  return isSame ? before : now
}
