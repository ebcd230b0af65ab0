import { useEffect } from 'react'
import { newId } from '../shell/new-id.ts'
import { ROOM_URL, type Room } from './room.ts'
import { chatSchema } from './schema.ts'
import { BEAT_EVERY_MS } from './sightings.ts'

/** Says "still here" into the room while the calling component is shown, and "gone" when it goes. */
export function useBeating(room: Room, userId: string): void {
  useEffect(() => {
    let life: 'new' | 'here' | 'gone' = 'new'
    const beat = (): void => {
      if (life === 'gone') return
      life = 'here'
      const value = { userId, beat: newId() }
      // A beat that got lost is made good by the next one.
      room.stream.append(chatSchema.presence.upsert({ value })).catch(() => {})
    }
    // In line behind the beats: a request of its own could come in after the next one's first beat.
    const leave = (): void => {
      if (life === 'here') {
        room.stream.append(chatSchema.presence.delete({ key: userId })).catch(() => {})
      }
      life = 'gone'
    }
    const leaveWithPage = (): void => sayGone(userId)
    const beatWhenSeen = (): void => {
      if (document.visibilityState === 'visible') beat()
    }
    const beatWhenBack = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) beat()
    }
    // Once the room has been read, its stream is there.
    room.preload().then(beat, () => {})
    const timer = setInterval(beat, BEAT_EVERY_MS)
    document.addEventListener('visibilitychange', beatWhenSeen)
    addEventListener('pageshow', beatWhenBack)
    addEventListener('pagehide', leaveWithPage)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', beatWhenSeen)
      removeEventListener('pageshow', beatWhenBack)
      removeEventListener('pagehide', leaveWithPage)
      leave()
    }
  }, [room, userId])
}

/** One request that outlives the page. Whoever misses it finds out when the beats stay away. */
function sayGone(userId: string): void {
  fetch(ROOM_URL, {
    method: 'POST',
    keepalive: true,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(chatSchema.presence.delete({ key: userId })),
  }).catch(() => {})
}
