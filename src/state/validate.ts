import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Issue } from './parse-event.ts'
import { isRow, type Row } from './row.ts'

export type Validation<Output> =
  | { kind: 'valid'; value: Output }
  | { kind: 'invalid'; issues: readonly Issue[] }

/** What {@link validate} answers for a validator that answers with a promise. */
export const ASYNC: Extract<Validation<never>, { kind: 'invalid' }> = {
  kind: 'invalid',
  issues: [
    {
      message:
        'The schema validates asynchronously: ' +
        'take the async refinement or transform out of it',
    },
  ],
}

/**
 * Validates and transforms `value`. Never throws: a validator that throws, or answers with a
 * promise, finds the value invalid.
 */
export function validate<Schema extends StandardSchemaV1>(
  schema: Schema,
  value: unknown,
): Validation<StandardSchemaV1.InferOutput<Schema>> {
  try {
    const result = schema['~standard'].validate(value)
    if (isPromise(result)) return refuseAsync(result)
    return result.issues
      ? { kind: 'invalid', issues: result.issues }
      : { kind: 'valid', value: result.value }
  } catch (error) {
    const message = `The schema threw: ${error instanceof Error ? error.message : String(error)}`
    return { kind: 'invalid', issues: [{ message }] }
  }
}

/** {@link validate}, where the outcome has to be a row. */
export function validateRow(schema: StandardSchemaV1, value: unknown): Validation<Row> {
  const validation = validate(schema, value)
  return validation.kind === 'invalid' || isRow(validation.value)
    ? (validation as Validation<Row>)
    : { kind: 'invalid', issues: [{ message: 'The schema must give an object' }] }
}

/** Issues as one line: `email: Invalid address; name: Required`. */
export function describeIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ message, path = [] }) => {
      const field = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
      return field === '' ? message : `${field}: ${message}`
    })
    .join('; ')
}

function isPromise(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as { then?: unknown } | null)?.then === 'function'
}

function refuseAsync(result: PromiseLike<unknown>): Validation<never> {
  // Nobody will ever look at its outcome.
  result.then(undefined, () => {})
  return ASYNC
}
