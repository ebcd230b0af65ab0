import type { StreamError } from '../../core/errors.ts'
import type { JsonStream } from '../../core/json-stream.ts'
import type { Reducer } from './confirmed.ts'
import type { StoreKind } from './entry.ts'
import type { Keeper, KeptStore } from './keeper.ts'

export interface StreamStoreOptions<State, Action> {
  /** Asked once, when it is first read or written. */
  openStream: () => JsonStream
  kind: StoreKind
  reducer: Reducer<State, Action>
  initialState: State
  /** Told of everything that was skipped or refused, and of what ended the reading. */
  onError?: ((error: StreamError) => void) | undefined
  /** How long the connection outlives its last user, in milliseconds. Default 250. */
  releaseAfterMs?: number | undefined
  createTxid?: (() => string) | undefined
  /** What keeps it from one visit to the next, in the order in which they give it back. */
  keepers?: readonly (Keeper | undefined)[] | undefined
}

/** A shared store, and what is to be known of it inside. */
export interface StreamStore<State, Action> extends KeptStore<State, Action> {
  /** Told of each change, without using it: nothing is read for it. */
  watch: (onChange: () => void) => () => void
  /** Whether it had users, and has none now. */
  isReleased: () => boolean
}
