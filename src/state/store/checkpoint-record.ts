import { StreamError } from '../../core/errors.ts'
import type { Confirmed } from './confirmed.ts'
import { isSame } from './is-same.ts'

/** A confirmed state, and how far the stream had been read then. */
export interface CheckpointRecord<State> extends Confirmed<State> {
  offset: string
}

/**
 * @param format names how the state came about: it is read by those alone who would make the same.
 * @throws {StreamError} `invalid` for a state that would come back as another.
 */
export function formatRecord<State>(record: CheckpointRecord<State>, format: string): string {
  const { state } = record
  const text = JSON.stringify({ ...record, format })
  if (isSame((JSON.parse(text) as CheckpointRecord<State>).state, state)) return text
  throw new StreamError(
    'invalid',
    'The state is no plain JSON, and is not kept: use null for undefined, and no Date, Map, Set or class',
  )
}

/** @returns nothing for what is none, or of another format. */
export function parseRecord<State>(
  text: string | undefined,
  format: string,
): CheckpointRecord<State> | undefined {
  try {
    const record = JSON.parse(text ?? '') as CheckpointRecord<State> & { format: string }
    const { state, version, untagged, offset } = record
    return record.format === format ? { state, version, untagged, offset } : undefined
  } catch {
    return undefined
  }
}
