import type { ReactNode } from 'react'
import { Avatar } from './avatar.tsx'
import type { User } from './schema.ts'

interface PeopleProps {
  people: User[]
  meId: string
}

export function People({ people, meId }: PeopleProps): ReactNode {
  return (
    <>
      <h2 id="people-title">Here now ({people.length})</h2>
      <ul aria-labelledby="people-title">
        {people.map(({ id, name, hue }) => (
          <li key={id}>
            <Avatar name={name} hue={hue} />
            <span>
              {name} {id === meId && <small>(you)</small>}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
