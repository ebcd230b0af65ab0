import type { LoadedStream } from '../state/hydration.ts'
import { keyPath } from '../state/store/key-url.ts'
import type { Reducer } from '../state/store/index.ts'
import type { StoreOptions } from '../state/store/stores.ts'
import type { Opened } from './use-shared-store.ts'

/**
 * Reads a stream once, for the page that a server renders; what it knows from earlier pages it does
 * not read again (`ssrStateCache` of `streamwell/ssr`).
 *
 * @throws as `loadStreamWithReducer` does.
 */
export async function loadOnServer<State, Action>(
  { key, stores }: Opened<State, Action>,
  reducer: Reducer<State, Action>,
  initialState: State,
  { schema, version }: StoreOptions<Action> = {},
): Promise<LoadedStream> {
  // Browsers never need it.
  const { loadStreamWithReducer } = await import('../state/ssr/load-stream.ts')
  const { url, headers, params, fetch } = stores.endpoint(key)
  return loadStreamWithReducer({
    serverUrl: String(url).slice(0, -keyPath(key).length - 1),
    path: key,
    reducer,
    initialState,
    reducerVersion: version,
    schema,
    ...{ headers, params, fetch },
  })
}
