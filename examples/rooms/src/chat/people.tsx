import type { ReactNode } from 'react'
import type { Person as Present } from 'streamwell/store'
import { Avatar } from './avatar.tsx'
import type { Person } from './person.ts'

interface PeopleProps {
  people: readonly Present<Omit<Person, 'id'> & { isTyping?: boolean | undefined }>[]
  meId: string
}

export function People({ people, meId }: PeopleProps): ReactNode {
  return (
    <>
      <h2 id="people-title">Here now ({people.length})</h2>
      <ul aria-labelledby="people-title">
        {people.map(({ id, state: { name, hue, isTyping } }) => (
          <li key={id}>
            <Avatar name={name} hue={hue} />
            <span>
              {name} {id === meId ? <small>(you)</small> : isTyping && <small>is typing…</small>}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
