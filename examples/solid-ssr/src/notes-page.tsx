import { For, type JSX, Show } from 'solid-js'
import { useStreamDB } from 'streamwell/solid/db'
import { NOTES_KEY } from '../../door/keys.ts'
import { newId } from '../../door/new-id.ts'
import { notesSchema, writeNote } from '../../door/notes.ts'
import { createRows } from './create-rows.ts'
import { NewNote } from './new-note.tsx'

export function NotesPage(): JSX.Element {
  const { db } = useStreamDB({ key: NOTES_KEY, state: notesSchema })
  const { notes } = db.collections
  const rows = createRows((q) =>
    q
      .from({ note: notes })
      .orderBy(({ note }) => note.place, 'desc')
      .orderBy(({ note }) => note.id),
  )
  return (
    <div class="notes">
      <h1 class="visually-hidden">Notes</h1>
      <NewNote pin={(draft) => notes.insert(writeNote(newId(), draft, rows()))} />
      <Show when={rows().length === 0}>
        <p class="empty">Nobody has left a note yet.</p>
      </Show>
      <ul class="board" aria-label="Notes">
        <For each={rows()}>
          {({ id, text, by, colour }) => (
            <li class="note" data-colour={colour}>
              <p>{text}</p>
              <footer>
                <span>{by}</span>
                <button type="button" class="link-button" onClick={() => notes.delete(id)}>
                  Take off
                </button>
              </footer>
            </li>
          )}
        </For>
      </ul>
    </div>
  )
}
