import { newId } from '../shell/new-id.ts'
import { ROOM_URL, type Room } from './room.ts'
import { chatSchema, type Presence } from './schema.ts'

/** A sign of life. `hello` asks all others for one of theirs. */
export function sayHere(room: Room, userId: string, says: Presence['says']): void {
  const value = { userId, beat: newId(), says }
  // A beat that got lost is made good by the next one.
  room.stream.append(chatSchema.presence.upsert({ value })).catch(() => {})
}

/** One request that outlives the page. Whoever misses it finds out when the beats stay away. */
export function sayGone(userId: string): void {
  fetch(ROOM_URL, {
    method: 'POST',
    keepalive: true,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(chatSchema.presence.delete({ key: userId })),
  }).catch(() => {})
}
