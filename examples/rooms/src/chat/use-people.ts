import { eq } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import type { Room } from './room.ts'
import type { User } from './schema.ts'
import { usePresence } from './use-presence.ts'

/** The people who are here, by name: presence joined to users. */
export function usePeople(room: Room, meId: string, isListening: boolean): User[] {
  const { presence, users } = room.collections
  const here = usePresence(room, meId, isListening)
  const { data } = useLiveQuery({
    queryKey: ['people', presence.id],
    query: (q) =>
      q
        .from({ presence })
        .innerJoin({ user: users }, ({ presence, user }) => eq(presence.userId, user.id))
        .orderBy(({ user }) => user.name)
        .select(({ user }) => ({ id: user.id, name: user.name, hue: user.hue })),
  })
  return data.filter(({ id }) => here.has(id))
}
