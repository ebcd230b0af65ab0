import type { StreamError } from '../../core/errors.ts'
import type { Observable } from '../../core/observable.ts'
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
  /** Writes that were refused, oldest first. */
  failures: readonly Failure<Action>[]
  /** Why reading ended, or the last write was refused. */
  error: StreamError | undefined
  /** Whether the state is what the stream, the page or an earlier visit said: not only the initial one. */
  isLoaded: boolean
  /** How far the stream had been read. As it changes nothing to look at, it alone makes no new one. */
  offset: string
}

/**
 * One value, or one reducer's state, shared through a stream: confirmed state is a fold of the
 * stream, and our own writes are shown at once, replayed on top until they are seen in it.
 */
export interface SharedStore<State, Action> extends Observable<StoreSnapshot<State, Action>> {
  /** What it is before anything was read: what a server renders. */
  readonly initialSnapshot: StoreSnapshot<State, Action>
  /** The present snapshot's. */
  readonly status: StreamStatus
  /** The present snapshot's. */
  readonly pending: number
  /** The present snapshot's. */
  readonly failures: readonly Failure<Action>[]
  /** How far the stream has been read. */
  readonly offset: string
  /**
   * Shows the action and sends it.
   *
   * @throws {StreamError} `invalid` for an action that JSON cannot say; what the reducer throws.
   */
  dispatch: (action: Action) => void
  /**
   * Like `dispatch`, of an action computed from the state shown; for a single value the action is
   * the next value, and the same value sends nothing. No write of others is lost: when one came
   * first, `compute` runs again on its result.
   *
   * @throws what `compute` throws; else as `dispatch` does.
   */
  update: (compute: (state: State) => Action) => void
  /** Goes back to the initial state, for everyone. Shown at once. Protocol section 10. */
  reset: () => void
}
