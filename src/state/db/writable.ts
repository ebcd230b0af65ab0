import type { StandardSchemaV1 } from '@standard-schema/spec'
import { deepEquals, type Transaction } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import type { CollectionDefinition } from '../definition.ts'
import type { EventHelpers } from '../event-helpers.ts'
import type { ChangeEvent } from '../events.ts'
import type { Row } from '../row.ts'
import { validateRow } from '../validate.ts'
import type { RowCollection } from './synced-collection.ts'

type Helpers = CollectionDefinition & EventHelpers<StandardSchemaV1, unknown, unknown>
type Mutation = Transaction['mutations'][number]

/** Turns writes to one collection into events. */
export interface WritableCollection {
  /** @throws {StreamError} `invalid` for a row that cannot be written to the stream. */
  toEvent: (mutation: Mutation, txid: string) => ChangeEvent
}

/**
 * Lets a collection take rows as its schema takes them in. What shows at once is then exactly what
 * every reader will make of the event.
 */
export function makeWritable(
  name: string,
  collection: RowCollection,
  helpers: Helpers,
): WritableCollection {
  const { insert, update } = collection
  // What goes into the stream for a row that shows: the schema may have changed it since.
  const inputs = new WeakMap<object, unknown>()

  function readBack(input: unknown): Row {
    const validation = validateRow(helpers.schema, structuredClone(input))
    if (validation.kind === 'valid') return validation.value
    throw new StreamError('invalid', `${name}: the schema answers differently the second time`)
  }

  collection.insert = (data, config) => {
    const rows = (Array.isArray(data) ? data : [data]).map((value) => {
      const event = helpers.insert({ value })
      const row = readBack(event.value)
      inputs.set(row, event.value)
      return row
    })
    return insert(rows, config)
  }
  collection.update = ((...args: Parameters<typeof update>) => {
    const transaction = update.apply(collection, args)
    // Refused before anything was sent: the caller learns it here.
    if (transaction.state === 'failed') throw transaction.error?.error
    return transaction
  }) as typeof update

  return {
    toEvent({ type, key, modified }, txid) {
      const headers = { txid }
      if (type === 'delete') return helpers.delete({ key: String(key), headers })
      const event = helpers[type]({
        value: inputs.get(modified) ?? modified,
        key: String(key),
        headers,
      })
      if (!inputs.has(modified)) checkUnchanged(event)
      return event
    },
  }

  function checkUnchanged({ value }: ChangeEvent): void {
    const read: unknown = JSON.parse(JSON.stringify(readBack(value)))
    if (deepEquals(read, value)) return
    throw new StreamError(
      'invalid',
      `${name}: the schema would change this row as it is read, so it cannot be written back. ` +
        `Use an action that appends schema.${name}.update({ value }) with the value as the schema takes it in`,
    )
  }
}
