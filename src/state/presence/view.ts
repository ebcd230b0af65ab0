import type { StreamStatus } from '../../core/status.ts'
import { randomId } from '../../core/random-id.ts'
import { type Cell, createCell } from '../cell.ts'
import { keep, type Person, toPeople } from './people.ts'
import type { PresenceEvent, Told } from './presence-event.ts'
import { enter, type Roster } from './roster.ts'

/** Who is here. It is `===` until something changed, and so are its lists and people. */
export interface PresenceSnapshot<State> {
  /** All, by id: ourselves, and those we know of. */
  people: readonly Person<State>[]
  others: readonly Person<State>[]
  me: Person<State>
  /** Of the connection. */
  status: StreamStatus
}

/** What is shown, and what we tell of ourselves. */
export interface View<State> {
  cell: Cell<PresenceSnapshot<State>>
  own: () => PresenceEvent & { told: Told }
  roster: () => Roster<State>
  show: (roster: Roster<State>) => void
  setStatus: (status: StreamStatus) => void
  /** @returns whether it is anything new. */
  tell: (change: Partial<Told>) => boolean
  /** From now on we are another session: the one before has left, for good. */
  renew: () => void
}

export function createView<State>(id: string, text: string): View<State> {
  let key = randomId()
  let told: Told = { id, text, away: false }
  let status: StreamStatus = { kind: 'idle' }
  let roster = withOwn(new Map())
  const cell = createCell(take({ people: [], others: [] }))

  function withOwn(others: Roster<State>): Roster<State> {
    const all = new Map(others)
    enter(all, key, told, Infinity)
    return all
  }

  function take(
    before: Pick<PresenceSnapshot<State>, 'people' | 'others'>,
  ): PresenceSnapshot<State> {
    const people = toPeople(roster, key, before.people)
    const others = people.filter((person) => person.id !== id)
    const me = people.find((person) => person.id === id)!
    return { people, others: keep(before.others, others), me, status }
  }

  function show(next: Roster<State>): void {
    roster = next.has(key) ? next : withOwn(next)
    const before = cell.getSnapshot()
    const now = take(before)
    if (now.people !== before.people || status !== before.status) cell.set(now)
  }

  return {
    cell,
    show,
    own: () => ({ key, told }),
    roster: () => roster,
    setStatus(next) {
      status = next
      show(roster)
    },
    tell(change) {
      const next = { ...told, ...change }
      if (next.text === told.text && next.away === told.away) return false
      told = next
      show(withOwn(roster))
      return true
    },
    renew() {
      const others = new Map(roster)
      others.delete(key)
      key = randomId()
      show(others)
    },
  }
}
