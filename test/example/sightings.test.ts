import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BEAT_EVERY_MS,
  GONE_AFTER_MS,
  overhear,
  sight,
  skipSilence,
  untilNextGone,
  whoIsHere,
  type Sightings,
} from '../../examples/rooms/src/chat/sightings.ts'

const NOBODY: Sightings = new Map()
const ada = (beat: string) => [{ userId: 'ada', beat }]
const isAdaHere = (sightings: Sightings, now: number): boolean =>
  whoIsHere(sightings, now).has('ada')

describe('who is here', () => {
  it('is whoever was heard of, until 75 seconds later', () => {
    const sightings = sight(NOBODY, ada('1'), 1000)
    expect(isAdaHere(sightings, 1000 + 74_999)).toBe(true)
    expect(isAdaHere(sightings, 1000 + 75_000)).toBe(false)
  })

  it('stays here as long as the beats keep coming, even those of a hidden tab', () => {
    const hiddenTabMs = 60_000
    let sightings = NOBODY
    for (let beat = 0; beat < 10; beat++) {
      const now = beat * hiddenTabMs
      if (beat > 0) expect(isAdaHere(sightings, now)).toBe(true)
      sightings = sight(sightings, ada(String(beat)), now)
    }
  })

  it('is not kept alive by the old row being seen again', () => {
    let sightings = sight(NOBODY, ada('1'), 0)
    for (let now = 0; now < GONE_AFTER_MS; now += BEAT_EVERY_MS)
      sightings = sight(sightings, ada('1'), now)
    expect(isAdaHere(sightings, GONE_AFTER_MS)).toBe(false)
  })

  it('comes back with the next beat', () => {
    const sightings = sight(sight(NOBODY, ada('1'), 0), ada('2'), 100_000)
    expect(isAdaHere(sightings, 100_000)).toBe(true)
  })

  it('is nobody who was only heard before we came, until they are heard again', () => {
    const overheard = overhear(ada('1'))
    expect(isAdaHere(sight(overheard, ada('1'), 10), 10)).toBe(false)
    expect(isAdaHere(sight(overheard, ada('2'), 10), 10)).toBe(true)
  })

  it('is judged only by the time in which we listened', () => {
    const deafMs = 600_000
    const sightings = skipSilence(sight(NOBODY, ada('1'), 0), deafMs)
    expect(isAdaHere(sightings, deafMs + GONE_AFTER_MS - 1)).toBe(true)
    expect(isAdaHere(sightings, deafMs + GONE_AFTER_MS)).toBe(false)
  })

  it('is forgotten as soon as the row is gone', () => {
    expect(isAdaHere(sight(sight(NOBODY, ada('1'), 0), [], 1), 1)).toBe(false)
  })
})

it('wakes up exactly when the next person goes', () => {
  const beats = fc.uniqueArray(fc.record({ userId: fc.string(), beat: fc.string() }), {
    selector: ({ userId }) => userId,
  })
  fc.assert(
    fc.property(beats, beats, fc.nat(GONE_AFTER_MS), (first, second, later) => {
      const sightings = sight(sight(NOBODY, first, 0), [...second], later)
      const here = whoIsHere(sightings, later)
      const wait = untilNextGone(sightings, later)
      if (wait === undefined) {
        expect(here.size).toBe(0)
        return
      }
      expect(whoIsHere(sightings, later + wait - 1)).toEqual(here)
      expect(whoIsHere(sightings, later + wait).size).toBeLessThan(here.size)
    }),
  )
})
