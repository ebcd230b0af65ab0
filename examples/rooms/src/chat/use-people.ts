import { eq } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import type { Room } from './room.ts'
import type { User } from './schema.ts'
import { useWhoIsHere } from './use-who-is-here.ts'

/** The people who are here, by name: presence joined to users. */
export function usePeople({ collections }: Room, isListening: boolean): User[] {
  const { presence, users } = collections
  const { data: beats } = useLiveQuery({
    queryKey: ['presence', presence.id],
    query: (q) => q.from({ presence }),
  })
  const { data: known } = useLiveQuery({
    queryKey: ['people', presence.id],
    query: (q) =>
      q
        .from({ presence })
        .innerJoin({ user: users }, ({ presence, user }) => eq(presence.userId, user.id))
        .orderBy(({ user }) => user.name)
        .select(({ user }) => ({ id: user.id, name: user.name, hue: user.hue })),
  })
  const here = useWhoIsHere(beats, isListening)
  return known.filter(({ id }) => here.has(id))
}
