import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEars } from '../../src/state/presence/ears.ts'
import { type Person, toPeople } from '../../src/state/presence/people.ts'
import { presenceText, stateText } from '../../src/state/presence/presence-event.ts'
import { expire, hear, type Roster } from '../../src/state/presence/roster.ts'
import { createView } from '../../src/state/presence/view.ts'

const HEARING = { atMs: 0, isOld: false, own: 'own', maxSessions: 1000 }
const EXPIRY_MS = 75_000

/** Session, person and state are few, so that they meet. */
interface Said {
  key: string
  /** Nothing for a goodbye. */
  person?: string | undefined
  state: number
  away: boolean
}

const said: fc.Arbitrary<Said> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', '__proto__', 'own'),
  person: fc.option(fc.constantFrom('ann', 'bob', 'constructor'), { nil: undefined, freq: 5 }),
  state: fc.nat({ max: 3 }),
  away: fc.boolean(),
})
const greeting = said.map((one) => ({ ...one, person: one.person ?? 'ann' }))

function toEvent({ key, person, state, away }: Said): unknown {
  const told = person === undefined ? {} : { told: { id: person, text: stateText(state), away } }
  return JSON.parse(presenceText({ key, ...told, asks: false }))
}

function hearAll(items: readonly unknown[], hearing = HEARING): Roster<number> {
  return hear<number>(new Map(), items, hearing).roster
}

/** Who is there, by session. */
function present(roster: Roster<number>): Record<string, unknown> {
  const entries = [...roster].flatMap(([key, { id, session }]) =>
    session ? [[key, [id, session.state, session.away]]] : [],
  )
  return Object.fromEntries(entries)
}

describe('who is here', () => {
  it('is who spoke and has never said goodbye, as they last said', () => {
    fc.assert(
      fc.property(fc.array(said), (all) => {
        const expected: [string, unknown][] = []
        for (const key of new Set(all.map((one) => one.key))) {
          const own = all.filter((one) => one.key === key)
          const { person, state, away } = own.at(-1)!
          const isGone = key === 'own' || own.some((one) => one.person === undefined)
          if (!isGone) expected.push([key, [person, state, away]])
        }
        expect(present(hearAll(all.map(toEvent)))).toEqual(Object.fromEntries(expected))
      }),
    )
  })

  it('is the same however the events are cut into batches, and whatever comes between them', () => {
    const piece = fc.tuple(
      said,
      fc.oneof(
        fc.json().map((text) => JSON.parse(text)),
        fc.anything(),
      ),
    )
    fc.assert(
      fc.property(fc.array(fc.array(piece)), (batches) => {
        let roster: Roster<number> = new Map()
        for (const batch of batches) {
          const items = batch.flatMap(([one, junk]) => [toEvent(one), junk])
          roster = hear(roster, items, HEARING).roster
        }
        const events = batches.flat().map(([one]) => toEvent(one))
        expect(present(roster)).toEqual(present(hearAll(events)))
      }),
    )
  })

  it('is who spoke lately: in 75 seconds, or less where that is asked for and they are not away', () => {
    const times = fc.array(fc.tuple(greeting, fc.nat({ max: 40_000 })))
    fc.assert(
      fc.property(
        times,
        fc.nat({ max: 100_000 }),
        fc.constantFrom(10_000, 75_000),
        (all, wait, ms) => {
          let roster: Roster<number> = new Map()
          let atMs = 0
          const last = new Map<string, { atMs: number; away: boolean }>()
          for (const [one, passedMs] of all) {
            atMs += passedMs
            roster = expire(roster, atMs, ms)
            roster = hear(roster, [toEvent(one)], { ...HEARING, atMs }).roster
            if (one.key !== 'own') last.set(one.key, { atMs, away: one.away })
          }
          atMs += wait
          const expected = [...last].filter(
            ([, beat]) => atMs - beat.atMs < (beat.away ? 75_000 : ms),
          )
          const left = present(expire(roster, atMs, ms))
          expect(Object.keys(left).sort()).toEqual(expected.map(([key]) => key).sort())
        },
      ),
    )
  })

  it('is nobody more for what was said long ago, but who said goodbye then has gone', () => {
    fc.assert(
      fc.property(fc.array(greeting), fc.array(said), (before, old) => {
        const known = hearAll(before.map(toEvent))
        const { roster, isAsked } = hear(known, old.map(toEvent), { ...HEARING, isOld: true })
        const gone = new Set(old.filter((one) => one.person === undefined).map(({ key }) => key))
        const left = Object.entries(present(known)).filter(([key]) => !gone.has(key))
        expect(present(roster)).toEqual(Object.fromEntries(left))
        expect(isAsked).toBe(false)
      }),
    )
  })

  it('is never more than is allowed, whoever writes what', () => {
    fc.assert(
      fc.property(fc.array(said), fc.nat({ max: 4 }), (all, maxSessions) => {
        const roster = hearAll(all.map(toEvent), { ...HEARING, maxSessions })
        expect(roster.size).toBeLessThanOrEqual(maxSessions)
      }),
    )
  })

  it('is told in a bounded size: longer names and states are not taken', () => {
    const long = 'x'.repeat(300)
    const headers = { operation: 'upsert' }
    let nested: unknown = 1
    for (let depth = 0; depth < 200_000; depth++) nested = [nested]
    const events = [
      { type: 'presence', key: long, value: { id: 'ann', state: 1 }, headers },
      { type: 'presence', key: 'k', value: { id: long, state: 1 }, headers },
      { type: 'presence', key: 'k', value: { id: 'ann', state: long.repeat(30) }, headers },
      { type: 'presence', key: 'k', value: { id: 'ann', state: nested }, headers },
    ]
    expect(hearAll(events).size).toBe(0)
  })
})

describe('people', () => {
  it('are each shown once, in the order of their ids, with all their sessions', () => {
    fc.assert(
      fc.property(fc.array(said), (all) => {
        const roster = hearAll(all.map(toEvent))
        const people = toPeople(roster, 'own', [])
        const ids = people.map(({ id }) => id)
        expect(ids).toEqual([...new Set(ids)].sort())
        const sessions = people.flatMap((person) => person.sessions.map(({ id }) => id))
        expect(sessions.sort()).toEqual(Object.keys(present(roster)).sort())
        for (const { sessions, state, away } of people) {
          expect(state).toBe(sessions[0]!.state)
          expect(away).toBe(sessions.every((session) => session.away))
        }
      }),
    )
  })

  it('are the very same objects until they change, and so is the list', () => {
    fc.assert(
      fc.property(fc.array(said), said, (all, one) => {
        const roster = hearAll(all.map(toEvent))
        const before = toPeople(roster, 'own', [])
        expect(toPeople(new Map(roster), 'own', before)).toBe(before)
        const { roster: next } = hear(roster, [toEvent(one)], HEARING)
        const after = toPeople(next, 'own', before)
        const touched = [one.person, roster.get(one.key)?.id]
        const others = (people: readonly Person<number>[]): readonly Person<number>[] =>
          people.filter(({ id }) => !touched.includes(id))
        others(after).forEach((person, n) => expect(person).toBe(others(before)[n]))
        const { roster: again } = hear(next, [toEvent(one)], HEARING)
        expect(toPeople(again, 'own', after)).toBe(after)
      }),
    )
  })
})

describe('a machine that sleeps', () => {
  function listen() {
    let nowMs = 0
    let isHidden = false
    const view = createView<number>('me', '0')
    const ears = createEars({ now: () => nowMs, isHidden: () => isHidden }, view, EXPIRY_MS, 1000)
    const say = (...all: Said[]) =>
      ears.hear({
        items: all.map(toEvent),
        offset: '1',
        upToDate: true,
        streamClosed: false,
        cursor: undefined,
      })
    say()
    return {
      ears,
      say,
      ids: () => view.cell.getSnapshot().others.map(({ id }) => id),
      pass: (ms: number) => (nowMs += ms),
      hide: () => (isHidden = true),
    }
  }
  const ann = { key: 'a', person: 'ann', state: 1, away: false }

  it('wakes up to who was here, and asks them', () => {
    const { ears, say, ids, pass } = listen()
    say(ann)
    for (let n = 0; n < 5; n++) {
      pass(8 * 3600_000)
      ears.expire()
      expect(ids()).toEqual(['ann'])
      expect(say()).toMatchObject({ isBack: true, isOld: true })
    }
  })

  it('lets go of whom it goes on to hear nothing of, awake', () => {
    const { ears, say, ids, pass } = listen()
    say(ann)
    pass(8 * 3600_000)
    ears.expire()
    say()
    for (let n = 0; n < 14; n++) {
      pass(5000)
      ears.expire()
      expect(ids()).toEqual(['ann'])
    }
    pass(5000)
    ears.expire()
    expect(ids()).toEqual([])
  })

  it('is not what a hidden page takes itself for, whose timers come once a minute', () => {
    const { ears, say, ids, pass, hide } = listen()
    hide()
    say(ann)
    pass(60_000)
    ears.expire()
    expect(ids()).toEqual(['ann'])
    pass(60_000)
    ears.expire()
    expect(ids()).toEqual([])
  })
})
