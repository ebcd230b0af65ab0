import { useEffect, useState } from 'react'
import {
  overhear,
  sight,
  skipSilence,
  untilNextGone,
  whoIsHere,
  type Beat,
  type Sightings,
} from './sightings.ts'

/** What was heard, and the time at which it was last looked at. */
interface Watch {
  sightings: Sightings
  now: number
}

const NOBODY: Watch = { sightings: new Map(), now: 0 }

/**
 * Ids of the people whose signs of life keep coming.
 *
 * @param beats undefined until the room has been read to its end.
 * @param isListening false while the connection is gone.
 */
export function useWhoIsHere(
  beats: readonly Beat[] | undefined,
  isListening: boolean,
): Set<string> {
  const [watch, setWatch] = useState<Watch>()
  const { sightings, now } = watch ?? NOBODY

  useEffect(() => {
    if (!beats) return
    const now = performance.now()
    setWatch((watch) => ({
      sightings: watch ? sight(watch.sightings, beats, now) : overhear(beats),
      now,
    }))
  }, [beats])

  useEffect(() => {
    if (isListening) return undefined
    const since = performance.now()
    return () =>
      setWatch((watch) => {
        const now = performance.now()
        return watch && { sightings: skipSilence(watch.sightings, now - since), now }
      })
  }, [isListening])

  useEffect(() => {
    const waitMs = untilNextGone(sightings, now)
    if (waitMs === undefined || !isListening) return undefined
    const look = (): void => setWatch((watch) => watch && { ...watch, now: performance.now() })
    const timer = setTimeout(look, waitMs)
    return () => clearTimeout(timer)
  }, [sightings, now, isListening])

  return whoIsHere(sightings, now)
}
