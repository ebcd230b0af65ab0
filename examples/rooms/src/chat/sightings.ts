/** One sign of life. `beat` is another text at each beat of the same person. */
export interface Beat {
  userId: string
  beat: string
}

export interface Sighting {
  beat: string
  /** When this reader heard the beat, in milliseconds of its own monotonic clock. */
  heardAt: number
}

export type Sightings = ReadonlyMap<string, Sighting>

/** A beat is sent this often. Timers of a hidden tab run once a minute, which is often enough too. */
export const BEAT_EVERY_MS = 25_000

/** Who was not heard of for so long is gone. */
export const GONE_AFTER_MS = 75_000

/** What the room said before this reader came proves nothing: who is here will say so. */
export function overhear(beats: readonly Beat[]): Sightings {
  return new Map(beats.map(({ userId, beat }) => [userId, { beat, heardAt: -Infinity }]))
}

/**
 * Notes at `now` which beats are new to this reader. What a beat could say about time is never
 * asked: clocks of other people are wrong.
 */
export function sight(known: Sightings, beats: readonly Beat[], now: number): Sightings {
  return new Map(
    beats.map(({ userId, beat }) => {
      const before = known.get(userId)
      return [userId, before?.beat === beat ? before : { beat, heardAt: now }]
    }),
  )
}

/** Time in which this reader was deaf does not count against anyone. */
export function skipSilence(sightings: Sightings, silenceMs: number): Sightings {
  const later = ({ beat, heardAt }: Sighting): Sighting => ({ beat, heardAt: heardAt + silenceMs })
  return new Map([...sightings].map(([userId, sighting]) => [userId, later(sighting)]))
}

/** Ids of the people who are here at `now`. */
export function whoIsHere(sightings: Sightings, now: number): Set<string> {
  const here = [...sightings].filter(([, { heardAt }]) => now - heardAt < GONE_AFTER_MS)
  return new Set(here.map(([userId]) => userId))
}

/** Milliseconds from `now` until the next person is gone, unless heard of; undefined when nobody is here. */
export function untilNextGone(sightings: Sightings, now: number): number | undefined {
  const waits = [...sightings.values()].map(({ heardAt }) => heardAt + GONE_AFTER_MS - now)
  const ahead = waits.filter((wait) => wait > 0)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}
