import type { EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'
import { DEFAULT_PATH_PREFIX } from '../../core/protocol.ts'
import type { Reducer } from './confirmed.ts'
import { keyPath, sameOriginServerUrl, streamUrl } from './key-url.ts'
import { setStateReducer } from './set-state-reducer.ts'
import { openShared } from './shared-store.ts'
import { tabStores } from './store-registry.ts'
import type { SharedStore } from './store-snapshot.ts'

export interface StoresOptions extends Omit<EndpointOptions, 'url'> {
  /** Where streams live, such as `https://example.com/v1/stream`. Default: the page's own server. */
  serverUrl?: string | undefined
  /** Told of refused writes, skipped events, and of what ended the reading of `key`. */
  onError?: ((error: StreamError, key: string) => void) | undefined
}

/** The shared stores of one server, by key. */
export interface Stores {
  /** A single value. Throws `conflict` when the key is in use for something else. */
  state: <State>(key: string, initialState: State) => SharedStore<State, State>
  /** A reducer's state. Throws `conflict` when the key is in use for something else. */
  reducer: <State, Action>(
    key: string,
    reducer: Reducer<State, Action>,
    initialState: State,
  ) => SharedStore<State, Action>
}

export function createStores(options: StoresOptions = {}): Stores {
  const pageUrl = sameOriginServerUrl()
  // What renders for many people, as servers do, shares nothing between them.
  const registry = pageUrl === undefined ? new Map() : tabStores

  function reducer<State, Action>(
    key: string,
    reducer: Reducer<State, Action>,
    initialState: State,
  ): SharedStore<State, Action> {
    const { serverUrl = pageUrl ?? DEFAULT_PATH_PREFIX, onError } = options
    return openShared(
      {
        ...options,
        url: streamUrl(serverUrl, keyPath(key)),
        reducer,
        initialState,
        onError: (error) => onError?.(error, key),
      },
      key,
      registry,
    )
  }

  return { reducer, state: (key, initialState) => reducer(key, setStateReducer, initialState) }
}
