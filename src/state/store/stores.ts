import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'
import { DEFAULT_PATH_PREFIX } from '../../core/protocol.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Reducer } from './confirmed.ts'
import type { Keeper } from './keeper.ts'
import { keyPath, sameOriginServerUrl, streamUrl } from './key-url.ts'
import { setStateReducer } from './set-state-reducer.ts'
import { openShared } from './shared-store.ts'
import { createRegistry, type StoreRegistry, tabStores } from './store-registry.ts'
import type { SharedStore } from './store-snapshot.ts'
import { warnNoServer, warnReducerClash } from './warnings.ts'
import { withSchema } from './with-schema.ts'

export interface StoresOptions extends Omit<EndpointOptions, 'url'> {
  /** Where streams live, such as `https://example.com/v1/stream`. Default: the page's own server. */
  serverUrl?: string | undefined
  /**
   * Keeps states, and writes that are not stored yet, for the next visit: `indexedDBPersistence()`.
   * Give each user a database of their own. The state of a reducer is kept if it has a `version`.
   */
  persistence?: Persistence | undefined
  /** Told of refused writes, skipped events, and of what ended the reading of `key`. */
  onError?: ((error: StreamError, key: string) => void) | undefined
}

export interface StoreOptions<Action> {
  /**
   * Of the value, or of the actions of a reducer: a Standard Schema (zod, valibot, arktype …) that
   * validates at once. What it refuses is not sent, and skipped where it comes in; what it gives counts.
   */
  schema?: StandardSchemaV1<unknown, Action> | undefined
  /** Names what the reducer makes of actions: change it with the reducer. What was kept under another is void. */
  version?: string | number | undefined
}

/** The shared stores of one server, by key. */
export interface Stores {
  /** A single value. Throws `conflict` when the key is in use for something else. */
  state: <State>(
    key: string,
    initialState: State,
    options?: StoreOptions<State>,
  ) => SharedStore<State, State>
  /** A reducer's state. Throws `conflict` when the key is in use for something else. */
  reducer: <State, Action>(
    key: string,
    reducer: Reducer<State, Action>,
    initialState: State,
    options?: StoreOptions<Action>,
  ) => SharedStore<State, Action>
  /** How the stream of a key is reached. Throws `invalid` for a key that is no path. */
  endpoint: (key: string) => EndpointOptions
  /** Where they are, maybe with those of others. */
  registry: StoreRegistry
}

export function createStores(options: StoresOptions = {}): Stores {
  const { serverUrl, persistence, onError, ...requests } = options
  const pageUrl = sameOriginServerUrl()
  // What renders for many people, as servers do, shares nothing between them.
  const registry = pageUrl === undefined ? createRegistry() : tabStores

  function endpoint(key: string): EndpointOptions {
    const url = streamUrl(serverUrl ?? pageUrl ?? DEFAULT_PATH_PREFIX, keyPath(key))
    return { ...requests, url }
  }

  function open<State, Action>(
    key: string,
    reducer: Reducer<State, Action>,
    initialState: State,
    { schema, version }: StoreOptions<Action> = {},
  ): SharedStore<State, Action> {
    const isValue = (reducer as unknown) === setStateReducer
    const store = openShared(
      {
        ...endpoint(key),
        ...keepers(persistence, isValue ? (version ?? 0) : version),
        kind: isValue ? 'state' : 'action',
        reducer: schema ? withSchema(reducer, schema) : reducer,
        initialState,
        onError(error) {
          if (serverUrl === undefined) warnNoServer(key, error)
          onError?.(error, key)
        },
      },
      key,
      registry,
    )
    warnReducerClash(store, key, reducer)
    return store
  }

  return {
    reducer: open,
    state: (key, initialState, more) => open(key, setStateReducer, initialState, more),
    endpoint,
    registry,
  }
}

/** What keeps a store is loaded when there is something to keep it in. */
function keepers(
  persistence: Persistence | undefined,
  version: string | number | undefined,
): Record<'checkpoint' | 'outbox', Keeper> | undefined {
  const keeper =
    (name: 'checkpoint' | 'outbox'): Keeper =>
    async (store, signal) => {
      const { keepIn } = await import('./keep-in.ts')
      return keepIn(persistence!, version)[name]?.(store, signal)
    }
  return persistence && { checkpoint: keeper('checkpoint'), outbox: keeper('outbox') }
}
