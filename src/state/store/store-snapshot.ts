import type { StreamError } from '../../core/errors.ts'
import type { StreamStatus } from '../../core/status.ts'
import type { Failure } from './failure.ts'

/** Everything a component can know of a shared state. It is `===` until something changed. */
export interface StoreSnapshot<State, Action> {
  /** Confirmed state with our own pending writes on top. */
  state: State
  /** Of the connection. */
  status: StreamStatus
  /** How many of our own writes have not been seen in the stream yet. */
  pending: number
  /** Writes that the server refused, oldest first. */
  failures: readonly Failure<Action>[]
  /** Why reading ended, or the last write was refused. */
  error: StreamError | undefined
  /** How far the stream has been read. */
  offset: string
}
