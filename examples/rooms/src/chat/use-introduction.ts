import { useEffect } from 'react'
import type { Attempt } from '../shell/use-attempts.ts'
import type { Person } from './person.ts'
import type { Room } from './room.ts'

/** Lets the room know who we are, and what we are called from now on. */
export function useIntroduction(room: Room, { id, name, hue }: Person, attempt: Attempt): void {
  useEffect(() => {
    attempt(`Your name “${name}”`, () => introduce(room, { id, name, hue }))
  }, [room, id, name, hue, attempt])
}

async function introduce({ collections: { users } }: Room, person: Person): Promise<void> {
  const known = users.get(person.id)
  if (known?.name === person.name) return
  const transaction = known
    ? users.update(person.id, (draft) => {
        draft.name = person.name
      })
    : users.insert(person)
  await transaction.isPersisted.promise
}
