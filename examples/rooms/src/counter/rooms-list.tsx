import type { ReactNode } from 'react'
import { hrefTo, type Section } from '../shell/route.ts'

const ROOMS: { section: Section; name: string; about: string }[] = [
  {
    section: 'todos',
    name: 'Todos',
    about: 'A reducer whose actions everyone folds: useServerReducer',
  },
  {
    section: 'chat',
    name: 'Chat',
    about: 'People, messages and reactions in one stream: createStreamDB',
  },
  {
    section: 'board',
    name: 'Board',
    about: 'This project itself, queried live: joins, groups, totals',
  },
]

export function RoomsList(): ReactNode {
  return (
    <section className="rooms card" aria-labelledby="rooms-title">
      <h2 id="rooms-title">More rooms</h2>
      {ROOMS.map(({ section, name, about }) => (
        <a key={section} href={hrefTo(section)}>
          <strong>{name}</strong>
          <span>{about}</span>
        </a>
      ))}
    </section>
  )
}
