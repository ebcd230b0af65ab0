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
  /** What TanStack DB made of the steps, by {@link idOf}. */
  mutations: ReadonlyMap<string, Mutation>
  targets: ReadonlyMap<unknown, Target>
  headOf: (id: string, target: Target, key: string) => Head | undefined
  /** How much TanStack DB knows: all rows as they are now, those from before the steps, nothing. */
  shown: 'after' | 'before' | 'nothing'
}

export function idOf({ name }: Target, key: unknown): string {
  return `${name.length}:${name}${String(key)}`
}

/**
 * Makes the calls of a transaction again.
 *
 * @throws {StreamError} `conflict` when a row is gone that was to be updated.
 * @throws what a draft throws.
 */
export function replay(options: ReplayOptions): Map<string, Change> {
  const { steps, mutations, targets, headOf, shown } = options
  const changes = new Map<string, Change>()

  for (const { collection, keys, isDraft, run } of steps) {
    const target = targets.get(collection)!
    const ids = keys.map((key) => idOf(target, key))
    // A call that was taken back, or cancelled by a later one, has left no mutation.
    if (!ids.some((id) => mutations.has(id))) continue
    const parts = ids.map((id, i) => {
      const key = keys[i]!
      const before = headOf(id, target, key)
      const base = isDraft && before ? String(before.version) : undefined
      const part = changes.get(id) ?? {
        target,
        key,
        before,
        row: before?.row,
        base,
        isChanged: true,
      }
      changes.set(id, part)
      // A row that only an action shows has no version, and is taken as it shows.
      if (isDraft && shown !== 'nothing') part.row ??= mutations.get(id)?.original as Row
      if (isDraft && !part.row) throw gone(part)
      return part
    })
    const rows =
      isDraft && shown === 'after'
        ? ids.map((id, i) => (mutations.get(id)?.modified as Row | undefined) ?? parts[i]!.row)
        : run(parts.map(({ row }) => row!))
    for (const [i, part] of parts.entries()) part.row = rows[i]
  }

  for (const part of changes.values()) {
    if (part.base === undefined || !deepEquals(part.row, part.before?.row)) continue
    part.isChanged = false
    part.base = undefined
  }
  return changes
}

function gone({ target, key }: Change): StreamError {
  return new StreamError(
    'conflict',
    `${target.name} "${key}" was deleted before your update of it came through`,
  )
}
