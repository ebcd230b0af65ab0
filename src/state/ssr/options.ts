import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'
import type { Reducer } from '../store/confirmed.ts'
import type { SsrStateCache } from './state-cache.ts'

/** How streams are loaded. `headers` and `params` that are functions are asked once for each load. */
export interface LoadOptions extends Pick<EndpointOptions, 'headers' | 'params' | 'fetch'> {
  /** Ends the load, for this caller alone: others may wait for the same one. */
  signal?: AbortSignal | undefined
  /** So long the load may take, tries included, in milliseconds. Default 5,000. */
  timeoutMs?: number | undefined
  /**
   * What happens then: an `error` (the default), or the state that was known before, with
   * `stale: true`. Without one it is an error all the same.
   */
  onTimeout?: 'error' | 'stale' | undefined
  /** Whether the state is kept for the next load, and concurrent loads share one. Default `true`. */
  useCache?: boolean | undefined
  /** Where it is kept. Default: `ssrStateCache`. */
  cache?: SsrStateCache | undefined
  /** Told of each event that was skipped: none of this stream's, or the reducer threw on it. */
  onError?: ((error: StreamError, path: string) => void) | undefined
}

/** A stream, and what makes a state of it. */
export interface StreamToLoad<State, Action> extends Omit<LoadOptions, 'signal'> {
  /** Path below the server: the key of the hooks that show it. */
  path: string
  /** The one that the hooks have, or `setStateReducer` for those of a single value. */
  reducer: Reducer<State, Action>
  /** The state before the first action: the same as in the hooks. */
  initialState: State
  /** Names what the reducer makes of events. State of another version is not used. */
  reducerVersion?: string | number | undefined
  /** Of the actions, or of the value: events that break it are skipped. */
  schema?: StandardSchemaV1<unknown, Action> | undefined
  /** Accepted, and without effect: which events count follows from the reducer. */
  usePayloadAsAction?: boolean | undefined
}

export interface LoadStreamOptions<State, Action>
  extends StreamToLoad<State, Action>,
    Pick<LoadOptions, 'signal'> {
  /** Where streams live, such as `https://example.com/v1/stream`. */
  serverUrl: string
}
