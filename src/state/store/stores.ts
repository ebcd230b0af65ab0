import type { EndpointOptions } from '../../core/endpoint.ts'
import { StreamError } from '../../core/errors.ts'
import { createJsonStream, type JsonStream } from '../../core/json-stream.ts'
import type { Reducer } from './confirmed.ts'
import type { StoreKind } from './entry.ts'
import { keyPath, sameOriginServerUrl, streamUrl } from './key-url.ts'
import { setStateReducer } from './set-state-reducer.ts'
import type { SharedStore } from './store-snapshot.ts'
import { createStreamStore, type StreamStore } from './stream-store.ts'

export interface StoresOptions extends Omit<EndpointOptions, 'url'> {
  /** Where streams live, such as `https://example.com/v1/stream`. Default: the page's own server. */
  serverUrl?: string | undefined
  /** Told of refused writes, skipped events, and of what ended the reading of `key`. */
  onError?: ((error: StreamError, key: string) => void) | undefined
}

/** The shared stores of one server: one a key, made when it is first asked for. */
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

interface Opened {
  kind: StoreKind
  initialText: string
  store: StreamStore<never, never>
}

export function createStores(options: StoresOptions = {}): Stores {
  const opened = new Map<string, Opened>()

  function open<State, Action>(
    kind: StoreKind,
    key: string,
    reducer: Reducer<State, Action>,
    initialState: State,
  ): SharedStore<State, Action> {
    const initialText = JSON.stringify(initialState) ?? String(initialState)
    const found = opened.get(key)
    if (found?.kind === kind && found.initialText === initialText) return found.store as never
    // One that was released makes way: the page has moved on.
    if (found && !found.store.isReleased()) throw conflict(key, found, { kind, initialText })

    const path = keyPath(key)
    const onError = (error: StreamError): void => options.onError?.(error, key)
    const store = createStreamStore({
      openStream: () => openStream(options, path),
      kind,
      reducer,
      initialState,
      onError,
    })
    opened.set(key, { kind, initialText, store: store as never })
    return store
  }

  return {
    state: (key, initialState) => open('state', key, setStateReducer, initialState),
    reducer: (key, reducer, initialState) => open('action', key, reducer, initialState),
  }
}

function openStream(options: StoresOptions, path: string): JsonStream {
  const serverUrl = options.serverUrl ?? sameOriginServerUrl()
  if (serverUrl === undefined) {
    throw new StreamError(
      'invalid',
      `The key "${path}" has no server: outside a browser give <PartyProvider serverUrl="http://127.0.0.1:4437/v1/stream">`,
    )
  }
  return createJsonStream({
    ...options,
    url: streamUrl(serverUrl, path),
    // A write is shown and stays pending for as long as the network is away.
    backoff: { maxAttempts: Infinity, maxTotalMs: Infinity },
  })
}

function conflict(
  key: string,
  first: Pick<Opened, 'kind' | 'initialText'>,
  second: Pick<Opened, 'kind' | 'initialText'>,
): StreamError {
  const one = describe(first)
  const other = describe(second)
  return new StreamError(
    'conflict',
    `The key "${key}" is used ${one} and ${other}: give both the same initial value, or one another key ` +
      '(if you have just edited the value, reload the page)',
  )
}

function describe({ kind, initialText }: Pick<Opened, 'kind' | 'initialText'>): string {
  const use = kind === 'state' ? 'with useServerState' : 'with useServerReducer'
  return `${use} from the initial value ${initialText.slice(0, 80)}`
}
