import type { StreamError } from '../../core/errors.ts'

/** A write that the server refused: no longer shown, not lost. */
export interface Failure<Action> {
  id: string
  action: Action
  error: StreamError
  /** Makes the same write again, on the state as it is now, and removes this entry. */
  retry: () => void
  /** Removes this entry. */
  dismiss: () => void
}
