import { useLiveQuery } from '@tanstack/react-db'
import type { ReactElement } from 'react'
import { useStreamDB } from 'streamwell/react/db'
import { NOTES_KEY } from '../keys.ts'
import { newId } from '../new-id.ts'
import { notesSchema, writeNote } from '../notes.ts'
import { NewNote } from './new-note.tsx'

export function NotesPage(): ReactElement {
  const { db } = useStreamDB({ key: NOTES_KEY, state: notesSchema })
  const { notes } = db.collections
  const { data } = useLiveQuery((q) =>
    q
      .from({ note: notes })
      .orderBy(({ note }) => note.place, 'desc')
      .orderBy(({ note }) => note.id),
  )
  return (
    <div className="notes">
      <h1 className="visually-hidden">Notes</h1>
      <NewNote pin={(draft) => notes.insert(writeNote(newId(), draft, data))} />
      {data.length === 0 && <p className="empty">Nobody has left a note yet.</p>}
      <ul className="board" aria-label="Notes">
        {data.map(({ id, text, by, colour }) => (
          <li key={id} className="note" data-colour={colour}>
            <p>{text}</p>
            <footer>
              <span>{by}</span>
              <button type="button" className="link-button" onClick={() => notes.delete(id)}>
                Take off
              </button>
            </footer>
          </li>
        ))}
      </ul>
    </div>
  )
}
