import type { BackoffPolicy } from '../../core/backoff.ts'
import type { EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'
import { endpointIdentity } from '../endpoint-identity.ts'
import type { Reducer } from './confirmed.ts'
import type { StoreKind } from './entry.ts'
import type { Keeper } from './keeper.ts'
import { setStateReducer } from './set-state-reducer.ts'
import { shareStore, type StoreRegistry, tabStores } from './store-registry.ts'
import type { SharedStore } from './store-snapshot.ts'
import { createStoreStream } from './store-stream.ts'
import { createStreamStore } from './stream-store.ts'
import type { StreamStore } from './stream-store-options.ts'

export interface SharedStoreOptions<State, Action> extends EndpointOptions {
  /**
   * A pure function of the state and an action: it runs in every tab, again and again. What it throws
   * on an event is told `onError`, and the event skipped. With {@link setStateReducer} the store
   * holds a single value.
   */
  reducer: Reducer<State, Action>
  /** The state before the first action; the same wherever the stream is used. */
  initialState: State
  /** How requests are repeated. By default a write waits for as long as the network is away. */
  backoff?: Partial<BackoffPolicy> | undefined
  /** Told of refused writes, of events that were skipped, and of what ended the reading. */
  onError?: ((error: StreamError) => void) | undefined
  /** Keeps the state for the next visit: `checkpoint(indexedDBPersistence(), …)`. */
  checkpoint?: Keeper | undefined
  /** Keeps pending writes until they are sent, over reloads: `outbox(indexedDBPersistence())`. */
  outbox?: Keeper | undefined
  /** How long the connection outlives its last subscriber, in milliseconds. Default 250. */
  releaseAfterMs?: number | undefined
}

/**
 * A value, or the state of a reducer, that all who know the stream share: ordered, durable, shown
 * before the server has answered. It is read while it has subscribers or pending writes, and its
 * stream is made when it is missing. Protocol section 10.
 *
 * One tab has one store of a stream: a second call with the same URL, and the same values in
 * `headers`, `params` and `fetch`, gives the same one; its other options are those of the first call.
 *
 * @throws {StreamError} `conflict` while it is used with another initial state, or as a value here
 *   and with a reducer there.
 *
 * @example
 * const count = createSharedStore({ url: '/v1/stream/count', reducer: setStateReducer, initialState: 0 })
 * count.subscribe(() => console.log(count.getSnapshot().state))
 * count.update((value) => value + 1)
 */
export function createSharedStore<State>(
  options: Omit<SharedStoreOptions<State, State>, 'reducer'> & { reducer: typeof setStateReducer },
): SharedStore<State, State>
export function createSharedStore<State, Action>(
  options: SharedStoreOptions<State, Action>,
): SharedStore<State, Action>
export function createSharedStore<State, Action>(
  options: SharedStoreOptions<State, Action>,
): SharedStore<State, Action> {
  const kind = (options.reducer as unknown) === setStateReducer ? 'state' : 'action'
  return openShared({ ...options, kind }, String(options.url), tabStores)
}

/** @param name what the user knows it by. */
export function openShared<State, Action>(
  options: SharedStoreOptions<State, Action> & { kind: StoreKind },
  name: string,
  registry: StoreRegistry,
): StreamStore<State, Action> {
  const { initialState, kind, checkpoint, outbox } = options
  const identity = endpointIdentity(options)
  return shareStore(registry, { name, identity, kind, initialState }, () =>
    createStreamStore({
      ...options,
      keepers: [checkpoint, outbox],
      openStream: () => createStoreStream(options),
    }),
  )
}
