import type { StandardSchemaV1 } from '@standard-schema/spec'
import { StreamError } from '../core/errors.ts'
import type { CollectionDefinition } from './definition.ts'
import type { ChangeEvent, ChangeHeaders, Operation } from './events.ts'
import { parseEvent } from './parse-event.ts'
import { isRow, keyOf, withoutMarks, type Row } from './row.ts'
import { describeIssues, validateRow } from './validate.ts'

/** Headers that a writer may set. */
export type EventHeaders = Omit<ChangeHeaders, 'operation'>

export interface PutParams<Input, Output = Input> {
  /** The whole row, as the schema takes it in. */
  value: Input
  /** Default: the value's primary key. */
  key?: string
  /** The row as it was before. */
  oldValue?: Input | Output
  headers?: EventHeaders
}

export interface DeleteParams<Input, Output = Input> {
  /** Default: the primary key of `oldValue`. One of the two must be there. */
  key?: string
  oldValue?: Input | Output
  headers?: EventHeaders
}

/**
 * Makes change events. The value is checked as readers will see it, after its way through JSON.
 *
 * All throw a {@link StreamError} `invalid`: for a value that is no object, breaks the schema or
 * does not survive JSON, for a schema that validates asynchronously, and where no key can be found.
 */
export interface EventHelpers<
  Schema extends StandardSchemaV1,
  Input = StandardSchemaV1.InferInput<Schema>,
  Output = StandardSchemaV1.InferOutput<Schema>,
> {
  insert: (params: PutParams<Input, Output>) => ChangeEvent<Input>
  update: (params: PutParams<Input, Output>) => ChangeEvent<Input>
  upsert: (params: PutParams<Input, Output>) => ChangeEvent<Input>
  delete: (params: DeleteParams<Input, Output>) => ChangeEvent<Input>
}

export function createEventHelpers(
  name: string,
  definition: CollectionDefinition,
): EventHelpers<StandardSchemaV1> {
  const put =
    (operation: Operation) =>
    ({ value, key, oldValue, headers }: PutParams<unknown>): ChangeEvent => {
      const call = `${name}.${operation}`
      const row = toWire(call, value)
      checkBySchema(call, definition.schema, row)
      return makeEvent(call, definition, { operation, row, key, oldValue, headers })
    }

  return {
    insert: put('insert'),
    update: put('update'),
    upsert: put('upsert'),
    delete: ({ key, oldValue, headers }) =>
      makeEvent(`${name}.delete`, definition, { operation: 'delete', key, oldValue, headers }),
  }
}

interface EventParts {
  operation: Operation
  row?: Row
  key: string | undefined
  oldValue: unknown
  headers: EventHeaders | undefined
}

function makeEvent(call: string, definition: CollectionDefinition, parts: EventParts): ChangeEvent {
  const { type, primaryKey } = definition
  const { operation, row, headers } = parts
  const oldRow = parts.oldValue === undefined ? undefined : toWire(call, parts.oldValue)
  const key = parts.key ?? keyOf(row ?? oldRow ?? {}, primaryKey)
  if (key === undefined) {
    throw invalid(call, `no key: give "key", or a value with a string or number "${primaryKey}"`)
  }
  const parsed = parseEvent({
    type,
    key,
    ...(row && { value: row }),
    ...(oldRow && { old_value: oldRow }),
    headers: { ...headers, operation },
  })
  if (parsed.kind === 'change') return parsed.event
  throw invalid(call, parsed.kind === 'invalid' ? describeIssues(parsed.issues) : 'no control')
}

/** The value as it will arrive at a reader. A copy, so that later changes to it are not sent. */
function toWire(call: string, value: unknown): Row {
  if (!isRow(value)) {
    const given = Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`
    throw invalid(call, `a row must be an object, got ${given}: wrap it, as in { id, value }`)
  }
  const row = throughJson(call, value)
  if (!isRow(row)) throw invalid(call, `a row must be an object, and as JSON it is ${String(row)}`)
  return row
}

function throughJson(call: string, value: Row): unknown {
  try {
    return JSON.parse(JSON.stringify(withoutMarks(value)))
  } catch (cause) {
    throw invalid(call, `the value cannot be written as JSON: ${(cause as Error).message}`, cause)
  }
}

function checkBySchema(call: string, schema: StandardSchemaV1, row: Row): void {
  const validation = validateRow(schema, row)
  if (validation.kind === 'valid') return
  throw invalid(call, `as JSON, the value breaks the schema: ${describeIssues(validation.issues)}`)
}

function invalid(call: string, reason: string, cause?: unknown): StreamError {
  return new StreamError('invalid', `${call}: ${reason}`, { cause })
}
