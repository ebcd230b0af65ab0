import type { StandardSchemaV1 } from '@standard-schema/spec'
import { StreamError } from '../core/errors.ts'
import type { CollectionDefinition, StateDefinition } from './definition.ts'
import { createEventHelpers, type EventHelpers } from './event-helpers.ts'
import { ASYNC, describeIssues, validate } from './validate.ts'

/** A definition whose collections can make events as well. */
export type StateSchema<Definition extends StateDefinition = StateDefinition> = {
  readonly [Name in keyof Definition]: Definition[Name] & EventHelpers<Definition[Name]['schema']>
}

type WithKeysOfRows<Definition extends StateDefinition> = {
  readonly [Name in keyof Definition]: {
    primaryKey: keyof StandardSchemaV1.InferOutput<Definition[Name]['schema']> & string
  }
}

/** Would be read as something else on an object of collections, or on the database itself. */
const RESERVED: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...['prototype', 'then'],
  ...['collections', 'actions', 'preload', 'close', 'offset', 'stream', 'status', 'utils'],
])

/**
 * Defines the collections that live in one stream, and gives each its typed events:
 * `schema.users.insert({ value: user })`.
 *
 * Events carry the schema's *input*, as JSON; every reader validates and transforms it for itself.
 *
 * @throws {StreamError} `invalid` for a reserved name, a type that two collections share, a schema
 *   that validates asynchronously, or a definition without schema, type or primary key.
 */
export function createStateSchema<const Definition extends StateDefinition>(
  collections: Definition & WithKeysOfRows<Definition>,
): StateSchema<Definition> {
  const nameOfType = new Map<string, string>()
  const entries = Object.entries<CollectionDefinition>(collections).map(([name, definition]) => {
    checkDefinition(name, definition)
    const other = nameOfType.get(definition.type)
    if (other !== undefined) {
      refuse(name, `type "${definition.type}" is taken by "${other}": give each its own type`)
    }
    nameOfType.set(definition.type, name)
    return [name, { ...definition, ...createEventHelpers(name, definition) }]
  })
  return Object.fromEntries(entries) as StateSchema<Definition>
}

function checkDefinition(name: string, { schema, type, primaryKey }: CollectionDefinition): void {
  if (RESERVED.has(name)) refuse(name, 'the name is reserved: choose another')
  if (typeof schema?.['~standard']?.validate !== 'function') {
    refuse(name, 'schema must be a Standard Schema, such as z.object({ … })')
  }
  // No row, but enough to see a validator that is asynchronous altogether.
  if (validate(schema, {}) === ASYNC) refuse(name, describeIssues(ASYNC.issues))
  if (typeof type !== 'string' || type === '') refuse(name, 'type must be a non-empty string')
  if (typeof primaryKey !== 'string' || primaryKey === '') {
    refuse(name, 'primaryKey must name the field that holds the key')
  }
}

function refuse(name: string, reason: string): never {
  throw new StreamError('invalid', `Collection "${name}": ${reason}`)
}
