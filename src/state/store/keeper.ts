import type { StreamError } from '../../core/errors.ts'
import type { JsonStream } from '../../core/json-stream.ts'
import type { StreamStatus } from '../../core/status.ts'
import type { Confirmed } from './confirmed.ts'
import type { StoreKind } from './entry.ts'
import type { Pending } from './replica.ts'
import type { SharedStore } from './store-snapshot.ts'

/** What a store is at one moment, as far as it can be kept. */
export interface Kept<State, Action> {
  confirmed: Confirmed<State>
  pending: readonly Pending<State, Action>[]
  /** How far the stream has been read. */
  offset: string
}

/** A store, as seen by what keeps it from one visit to the next. */
export interface KeptStore<State, Action> extends SharedStore<State, Action> {
  /** The store's own. */
  openStream: () => JsonStream
  readonly kind: StoreKind
  /** What it is now. */
  look: () => Kept<State, Action> & { isCaughtUp: boolean; isRead: boolean }
  /** Puts something in place of it, and shows that. */
  put: (changed: Partial<Kept<State, Action>>) => void
  onStatus: (status: StreamStatus) => void
  onError: (error: StreamError) => void
}

/** What keeps one store while it is used. */
export interface Keeping<State, Action> {
  /** Told after every change. */
  changed: () => void
  /** Has to be through before the stream is read. What it rejects with ends the reading. */
  beforeRead?: () => Promise<void>
  /** Sends writes, once they are kept. @returns why, for the txid of each that was refused. */
  send?: (writes: readonly Pending<State, Action>[]) => Promise<ReadonlyMap<string, StreamError>>
}

/**
 * Keeps something of a store from one visit to the next. Opened before its stream is read, it gives
 * back what was kept; it ends with `signal`. What goes wrong in it, it tells `onError`, and gives
 * nothing: the store works without.
 */
export type Keeper = <State, Action>(
  store: KeptStore<State, Action>,
  signal: AbortSignal,
) => Promise<Keeping<State, Action> | undefined>
