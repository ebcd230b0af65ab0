import type { StandardSchemaV1 } from '@standard-schema/spec'
import { StreamError } from '../../core/errors.ts'
import type { Reducer } from './confirmed.ts'

/**
 * A reducer that takes what the schema makes of an action, and throws on what the schema refuses: the
 * writer is told, and readers skip it.
 */
export function withSchema<State, Action>(
  reducer: Reducer<State, Action>,
  schema: StandardSchemaV1<unknown, Action>,
): Reducer<State, Action> {
  return (state, action) => {
    const result = schema['~standard'].validate(action)
    if ('value' in result && !result.issues) return reducer(state, result.value)
    const why = (result as StandardSchemaV1.FailureResult).issues?.map(({ path = [], message }) =>
      [...path.map(nameOf), message].join(': '),
    )
    throw new StreamError(
      'invalid',
      `${JSON.stringify(action)} breaks the schema: ${why ?? 'it validates asynchronously'}`,
    )
  }
}

function nameOf(segment: PropertyKey | StandardSchemaV1.PathSegment): string {
  return String(Object(segment).key ?? segment)
}
