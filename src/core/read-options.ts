import type { BackoffPolicy } from './backoff.ts'
import type { Dynamic } from './endpoint.ts'
import type { StreamError } from './errors.ts'
import type { LiveMode } from './read-state.ts'
import type { StreamStatus } from './status.ts'

type Extras = Pick<ReadOptions, 'headers' | 'params'>

export interface ReadOptions {
  /** Where to start: an offset that the server gave, `"-1"` for the beginning (default), or `"now"`. */
  offset?: string | undefined
  /**
   * What to do at the end: stop there (`false`), or go on with what comes: by SSE with long-poll as
   * the fallback (`true`, the default), by `"sse"` or by `"long-poll"` alone. Protocol section 5.
   */
  live?: LiveMode | undefined
  /** Ends the reading when it aborts. */
  signal?: AbortSignal | undefined
  /** Request headers, on top of those of the stream's handle. */
  headers?: Dynamic | undefined
  /** Query parameters, on top of those of the stream's handle. */
  params?: Dynamic | undefined
  /**
   * Asked when the reading is about to end with an error. Headers or params that it returns are sent
   * from then on, and the request is tried again; if it returns nothing, the error stands.
   */
  onError?: ((error: StreamError) => void | Extras | Promise<void | Extras>) | undefined
  /**
   * Called when the server lost what was read, or does not know the offset any more (`not-found`,
   * `gone`): all that was made of earlier data is void. Reading starts over at the offset that it
   * returns, by default the beginning. Without it, the error ends the reading.
   */
  onReset?: ((error: StreamError) => void | string | Promise<void | string>) | undefined
  /**
   * Whether a live read of a page that was hidden for 30 s gives its connection back, and goes on as
   * soon as the page is seen. Default `true`; pages alone can be hidden.
   */
  pauseWhenHidden?: boolean | undefined
  /** Called at each change of the connection's status. */
  onStatus?: ((status: StreamStatus) => void) | undefined
  backoff?: Partial<BackoffPolicy> | undefined
  /**
   * How the browser's cache is used, as for `fetch`. By default history may come from it, some
   * minutes old, and what is live makes up for that; `"no-cache"` asks the server first.
   */
  cache?: RequestCache | undefined
}
