import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'
import type { Observable } from '../../core/observable.ts'
import { DEFAULT_PATH_PREFIX } from '../../core/protocol.ts'
import { createCell } from '../cell.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Reducer } from './confirmed.ts'
import type { Keeper } from './keeper.ts'
import { keyPath, sameOriginServerUrl, streamUrl } from './key-url.ts'
import { setStateReducer } from './set-state-reducer.ts'
import { openShared } from './shared-store.ts'
import { tabStores } from './store-registry.ts'
import type { SharedStore } from './store-snapshot.ts'
import type { StreamStore } from './stream-store-options.ts'
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

export interface OpenedStore {
  key: string
  ref: WeakRef<StreamStore<unknown, unknown>>
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
  /** Those that somebody holds; a moment later also those that were just opened. */
  opened: Observable<readonly OpenedStore[]>
}

export function createStores(options: StoresOptions = {}): Stores {
  const { serverUrl, persistence, onError, ...requests } = options
  const pageUrl = sameOriginServerUrl()
  // What renders for many people, as servers do, shares nothing between them.
  const registry = pageUrl === undefined ? new Map() : tabStores
  const opened = createCell<readonly OpenedStore[]>([])
  let list: readonly OpenedStore[] = []
  /** Held, so that what was refused is told also when its component has gone. */
  const refused = new Set<StreamStore<unknown, unknown>>()

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
    const store: StreamStore<State, Action> = openShared(
      {
        ...endpoint(key),
        ...keepers(persistence, isValue ? (version ?? 0) : version),
        kind: isValue ? 'state' : 'action',
        reducer: schema ? withSchema(reducer, schema) : reducer,
        initialState,
        onError: (error) => report(error, key, store as never),
      },
      key,
      registry,
    )
    warnReducerClash(store, key, reducer)
    note(key, store)
    return store
  }

  function report(error: StreamError, key: string, store: StreamStore<never, never>): void {
    if (serverUrl === undefined) warnNoServer(key, error)
    if (store.failures.length > 0) refused.add(store as never)
    onError?.(error, key)
  }

  function note<State, Action>(key: string, store: StreamStore<State, Action>): void {
    if (list.some((one) => one.ref.deref() === (store as unknown))) return
    list = [...list.filter(({ ref }) => ref.deref()), { key, ref: new WeakRef(store as never) }]
    // Not while a component renders that is only just asking for it.
    queueMicrotask(() => opened.set(list))
  }

  return {
    reducer: open,
    state: (key, initialState, more) => open(key, setStateReducer, initialState, more),
    endpoint,
    opened,
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
