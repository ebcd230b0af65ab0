import { useLiveQuery } from '@tanstack/react-db'
import { useEffect } from 'react'
import type { Room } from './room.ts'
import { sayGone, sayHere } from './say-here.ts'
import { BEAT_EVERY_MS } from './sightings.ts'
import { useWhoIsHere } from './use-who-is-here.ts'

/**
 * Says in the room that `userId` is here, for as long as the calling component is shown.
 *
 * @returns the ids of all who are here.
 */
export function usePresence(room: Room, userId: string, isListening: boolean): Set<string> {
  const { presence } = room.collections
  const { data, isReady } = useLiveQuery({
    queryKey: ['presence', presence.id],
    query: (q) => q.from({ presence }),
  })
  const here = useWhoIsHere(isReady ? data : undefined, isListening)
  useBeating(room, userId)
  useAnswering(room, userId)
  return here
}

function useBeating(room: Room, userId: string): void {
  useEffect(() => {
    let isIn = false
    const enter = (): void => {
      isIn = true
      sayHere(room, userId, 'hello')
    }
    const beat = (): void => sayHere(room, userId, 'here')
    const leave = (): void => {
      if (isIn) sayGone(userId)
    }
    const beatWhenSeen = (): void => {
      if (document.visibilityState === 'visible') beat()
    }
    const returnFromCache = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) enter()
    }
    // A moment later, so that StrictMode's trial mount says neither hello nor goodbye.
    const entrance = setTimeout(enter)
    const timer = setInterval(beat, BEAT_EVERY_MS)
    document.addEventListener('visibilitychange', beatWhenSeen)
    addEventListener('pageshow', returnFromCache)
    addEventListener('pagehide', leave)
    return () => {
      clearTimeout(entrance)
      clearInterval(timer)
      document.removeEventListener('visibilitychange', beatWhenSeen)
      removeEventListener('pageshow', returnFromCache)
      removeEventListener('pagehide', leave)
      leave()
    }
  }, [room, userId])
}

/** Whoever says hello hears from all the others at once, and takes nobody's old row for a person. */
function useAnswering(room: Room, userId: string): void {
  useEffect(() => {
    const subscription = room.collections.presence.subscribeChanges((changes) => {
      const isGreeted = changes.some(
        ({ type, key, value }) => type !== 'delete' && key !== userId && value.says === 'hello',
      )
      if (isGreeted) sayHere(room, userId, 'here')
    })
    return () => subscription.unsubscribe()
  }, [room, userId])
}
