import { MaterializedState } from 'streamwell/state'
import { plain } from '../chat.ts'
import type { AppRow } from './db-app.ts'

type Rows = Map<string, AppRow>
type Entries = Iterable<[string, object]>

/** Rows of both types. */
export interface Picture {
  users: Rows
  rooms: Rows
}

/** What two collections show, without the marks of TanStack DB. */
export function pictureOf(collections: {
  users: { entries: () => Entries }
  rooms: { entries: () => Entries }
}): Picture {
  const copy = (rows: Entries): Rows =>
    new Map([...rows].map(([key, row]) => [key, plain(row) as unknown as AppRow]))
  return { users: copy(collections.users.entries()), rooms: copy(collections.rooms.entries()) }
}

/** What a log adds up to, by another way than a database. */
export function materialize(events: readonly unknown[]): Picture {
  const state = new MaterializedState()
  state.applyBatch(events as never)
  const copy = (type: string): Rows =>
    new Map([...state.getType(type)].map(([key, row]) => [key, row as AppRow]))
  return { users: copy('user'), rooms: copy('room') }
}

/** What a draft does to a row that is there. */
export function redraft(rows: Rows, key: string, change: (draft: AppRow) => void): void {
  const row = rows.get(key)
  if (!row) return
  const draft = { ...row, ids: [...row.ids] }
  change(draft)
  rows.set(key, draft)
}

/** @returns how they differ, if they do. */
export function differenceOf(shown: Picture, right: Picture): string | undefined {
  for (const name of ['users', 'rooms'] as const) {
    const [one, other] = [textOf(shown[name]), textOf(right[name])]
    if (one !== other) return `shows ${name} ${one}, not ${other}`
  }
  return undefined
}

function textOf(rows: Rows): string {
  return JSON.stringify([...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)))
}
