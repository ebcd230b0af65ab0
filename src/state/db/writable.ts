import type { StandardSchemaV1 } from '@standard-schema/spec'
import { deepEquals, withArrayChangeTracking } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import type { CollectionDefinition } from '../definition.ts'
import type { EventHelpers } from '../event-helpers.ts'
import type { ChangeEvent } from '../events.ts'
import { keyOf, type Row } from '../row.ts'
import { validateRow } from '../validate.ts'
import type { Step, Target } from './replay.ts'
import type { RowCollection } from './synced-collection.ts'
import type { Record } from './recorder.ts'

type Helpers = CollectionDefinition & EventHelpers<StandardSchemaV1, unknown, unknown>

export interface WritableOptions {
  name: string
  collection: RowCollection
  aliases: Map<string, string>
  helpers: Helpers
  /** Told of each call, so that it can be made again on newer rows. */
  record: Record
}

/**
 * Lets a collection take rows as its schema takes them in. What shows at once is then exactly what
 * every reader will make of the event.
 *
 * @returns what makes the event of a row that was written, or of its deletion; it throws `invalid`
 *   for a row that cannot be written to the stream.
 */
export function makeWritable(options: WritableOptions): Target['toEvent'] {
  const { name, collection, aliases, helpers, record } = options
  const { insert, update, delete: remove } = collection
  // What goes into the stream for a row that shows: the schema may have changed it since.
  const inputs = new WeakMap<object, unknown>()

  function readBack(input: unknown): Row {
    const validation = validateRow(helpers.schema, structuredClone(input))
    if (validation.kind === 'valid') return validation.value
    throw new StreamError('invalid', `${name}: the schema answers differently the second time`)
  }

  function checkUnchanged({ value }: ChangeEvent): void {
    const read: unknown = JSON.parse(JSON.stringify(readBack(value)))
    if (deepEquals(read, value)) return
    throw new StreamError(
      'invalid',
      `${name}: reading would change this row once more. ` +
        `Use an action that appends schema.${name}.update({ value })`,
    )
  }

  collection.insert = (data, config) => {
    const rows = (Array.isArray(data) ? data : [data]).map((value) => {
      const event = helpers.insert({ value })
      const row = readBack(event.value)
      inputs.set(row, event.value)
      return row
    })
    const keys = rows.map((row) => keyOf(row, helpers.primaryKey)!)
    return record({ collection, keys, run: () => rows }, () => insert(rows, config))
  }
  collection.delete = (given, config) => {
    const keys = [given].flat()
    return record({ collection, keys, run: () => [] }, () => remove(given, config))
  }
  collection.update = ((...args: Parameters<typeof update>) => {
    const [given] = args
    const keys = [given].flat()
    const change = args.findLast((arg) => typeof arg === 'function') as (drafts: unknown) => void
    const run: Step['run'] = (rows) => {
      const changes = withArrayChangeTracking(rows, (drafts) =>
        change(Array.isArray(given) ? drafts : drafts[0]),
      )
      return rows.map((row, i) => ({ ...row, ...changes[i] }))
    }
    const step = { collection, keys, isDraft: true, run }
    const transaction = record(step, () => {
      for (const key of keys)
        aliases.set(keyOf(collection.get(key) ?? {}, helpers.primaryKey)!, key)
      try {
        return update.apply(collection, args)
      } finally {
        aliases.clear()
      }
    })
    // Refused before anything was sent: the caller learns it here.
    if (transaction.state === 'failed') throw transaction.error?.error
    return transaction
  }) as typeof update

  return (operation, key, row, headers) => {
    if (!row) return helpers.delete({ key, headers })
    const input = inputs.get(row)
    const event = helpers[operation]({ value: input ?? row, key, headers })
    if (!input) checkUnchanged(event)
    return event
  }
}
