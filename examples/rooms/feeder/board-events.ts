import type { MaterializedState, StateEvent } from 'streamwell/events'
import { boardSchema } from '../src/board/schema.ts'
import { diffRows } from './diff.ts'
import type { Project } from './read-project.ts'

/**
 * The events that bring a board from what its stream says to what the project is: none when
 * nothing changed. Commits stay as they are when the history cannot be read.
 */
export function boardEvents(board: MaterializedState, project: Project): StateEvent[] {
  const { packages, dependencies, commits } = boardSchema
  const { history } = project
  return [
    ...changes(
      board,
      packages,
      byKey(project.packages, ({ path }) => path),
    ),
    ...changes(
      board,
      dependencies,
      byKey(project.dependencies, ({ id }) => id),
    ),
    ...('commits' in history
      ? changes(
          board,
          commits,
          byKey(history.commits, ({ hash }) => hash),
        )
      : []),
  ]
}

/** The part of a collection's event helpers that is needed here. */
interface Events<Row> {
  type: string
  insert(change: { value: Row }): StateEvent
  update(change: { value: Row }): StateEvent
  delete(change: { key: string }): StateEvent
}

function changes<Row>(
  board: MaterializedState,
  events: Events<Row>,
  rows: ReadonlyMap<string, Row>,
): StateEvent[] {
  const { inserted, updated, deleted } = diffRows(board.getType(events.type), rows)
  return [
    ...inserted.map((value) => events.insert({ value })),
    ...updated.map(({ after }) => events.update({ value: after })),
    ...deleted.map(({ key }) => events.delete({ key })),
  ]
}

function byKey<Row>(rows: readonly Row[], key: (row: Row) => string): Map<string, Row> {
  return new Map(rows.map((row) => [key(row), row]))
}
