import { useEffect, useState } from 'react'
import { sight, untilNextGone, whoIsHere, type Beat, type Sightings } from './sightings.ts'

const NOBODY: Sightings = new Map()

interface Watch {
  sightings: Sightings
  now: number
}

/**
 * Ids of the people whose signs of life keep coming.
 *
 * @param isListening false while the connection is gone: who cannot hear must not call anyone gone.
 */
export function useWhoIsHere(beats: readonly Beat[], isListening: boolean): Set<string> {
  const [{ sightings, now }, setWatch] = useState<Watch>({ sightings: NOBODY, now: 0 })

  // Whatever was said while the connection was gone is heard anew.
  useEffect(() => {
    if (isListening) setWatch((watch) => ({ ...watch, sightings: NOBODY }))
  }, [isListening])

  useEffect(() => {
    const now = performance.now()
    setWatch(({ sightings }) => ({ sightings: sight(sightings, beats, now), now }))
  }, [beats, isListening])

  useEffect(() => {
    const wait = untilNextGone(sightings, now)
    if (wait === undefined || !isListening) return undefined
    const timer = setTimeout(
      () => setWatch((watch) => ({ ...watch, now: performance.now() })),
      wait,
    )
    return () => clearTimeout(timer)
  }, [sightings, now, isListening])

  return whoIsHere(sightings, now)
}
