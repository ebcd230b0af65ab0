import { deepEquals, type Transaction } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import type { RowVersion } from '../conditions.ts'
import type { EventHeaders } from '../event-helpers.ts'
import type { ChangeEvent } from '../events.ts'
import type { Row } from '../row.ts'
import type { Table } from './table.ts'

/** A collection that is written to. */
export interface Target {
  readonly name: string
  readonly table: Table
  /** The event that stores `row`, or deletes what is there when there is none. */
  readonly toEvent: (
    operation: 'insert' | 'update',
    key: string,
    row: Row | undefined,
    headers: EventHeaders,
  ) => ChangeEvent
}

/** A call that wrote to a collection, such that it can be made again on newer rows. */
export interface Step {
  collection: unknown
  keys: readonly string[]
  /** Whether it makes rows of those that are there, not out of nothing. */
  isDraft?: boolean
  run: (rows: Row[]) => readonly Row[]
}

/** The newest that is known of a row: as confirmed, or by an own write that is under way. */
export interface Head {
  row: Row | undefined
  version: RowVersion
}

/** What a transaction makes of one row. */
export interface Change {
  target: Target
  key: string
  /** What TanStack DB made of the calls. */
  mutation: Mutation | undefined
  before: Head | undefined
  row: Row | undefined
  /** Version that the row was computed from, where it was. */
  base: string | undefined
  /** Whether there is anything to write. */
  isChanged: boolean
}

export type Mutation = Transaction['mutations'][number]

export interface ReplayOptions {
  steps: readonly Step[]
  mutations: readonly Mutation[]
  targets: ReadonlyMap<unknown, Target>
  headOf: (id: string, target: Target, key: string) => Head | undefined
  /** What TanStack DB shows that matters: rows from after the calls, from before them, or nothing. */
  shown: 'after' | 'before' | 'nothing'
}

/**
 * Makes the calls of a transaction again.
 *
 * @returns what they change, by a name for each row.
 * @throws {StreamError} `conflict` when a row is gone that was to be updated.
 * @throws what a draft throws.
 */
export function replay(options: ReplayOptions): Map<string, Change> {
  const { steps, mutations, targets, headOf, shown } = options
  const changes = new Map<string, Change>()
  const mutationOf = new Map(
    mutations.map((one) => [idOf(targets.get(one.collection)!, String(one.key)), one]),
  )

  function open(target: Target, key: string, isDraft: boolean | undefined): Change {
    const id = idOf(target, key)
    let change = changes.get(id)
    if (!change) {
      const before = headOf(id, target, key)
      const base = isDraft && before ? String(before.version) : undefined
      const mutation = mutationOf.get(id)
      change = { target, key, mutation, before, row: before?.row, base, isChanged: true }
      changes.set(id, change)
    }
    // A row that only an action shows has no version, and is taken as it shows.
    if (isDraft && shown !== 'nothing') change.row ??= change.mutation?.original as Row | undefined
    if (isDraft && !change.row) throw gone(target, key)
    return change
  }

  for (const { collection, keys, isDraft, run } of steps) {
    const target = targets.get(collection)!
    // A call that was taken back, or cancelled by a later one, has left no mutation.
    if (!keys.some((key) => mutationOf.has(idOf(target, key)))) continue
    const parts = keys.map((key) => open(target, key, isDraft))
    const rows =
      isDraft && shown === 'after'
        ? parts.map(({ mutation, row }) => (mutation ? (mutation.modified as Row) : row))
        : run(parts.map(({ row }) => row!))
    for (const [i, part] of parts.entries()) part.row = rows[i]
  }

  for (const change of changes.values()) {
    if (change.base === undefined || !deepEquals(change.row, change.before?.row)) continue
    change.isChanged = false
    change.base = undefined
  }
  return changes
}

function idOf({ name }: Target, key: string): string {
  return `${name.length}:${name}${key}`
}

function gone({ name }: Target, key: string): StreamError {
  return new StreamError('conflict', `${name} "${key}" was deleted before your update came through`)
}
