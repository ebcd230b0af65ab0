import { untilAborted } from '../../core/abort.ts'
import { DEFAULT_BACKOFF } from '../../core/backoff.ts'
import { StreamError } from '../../core/errors.ts'
import { disconnected } from '../../core/response-error.ts'
import { withRetry } from '../../core/retry.ts'
import type { LoadedStream } from '../hydration.ts'
import { guarded } from '../report-error.ts'
import type { setStateReducer } from '../store/set-state-reducer.ts'
import { cacheKey } from './cache-key.ts'
import { readThroughCache } from './cached-read.ts'
import { startDeadline } from './deadline.ts'
import type { CacheKey } from './entries.ts'
import type { LoadStreamOptions } from './options.ts'
import { beginning, type Progress } from './progress.ts'
import { readStream } from './read-stream.ts'
import type { Caller } from './shared-loads.ts'
import { resolveSource, type Source } from './source.ts'
import { ssrStateCache, type StateCache } from './state-cache.ts'

/**
 * The state of a stream as it is now, with the offset at which a page goes on reading: exactly what
 * the hooks of the same key, reducer and initial state would show, versions included.
 *
 * Later calls read only what is new, and calls that come together share one read. A stream that is
 * missing gives the initial state, and stays missing. The state is shared with later calls: do not
 * change it.
 *
 * @throws {StreamError} `timeout` when the server has not answered in `timeoutMs`, or has failed all
 *   that while; at once what waiting does not improve: `unauthorized`, `forbidden`, `gone`,
 *   `malformed`, `invalid`.
 * @throws the reason of `signal`, when it aborts.
 *
 * @example
 * const todos = await loadStreamWithReducer({
 *   serverUrl: 'https://example.com/v1/stream',
 *   path: 'demo/todos',
 *   reducer: todoReducer,
 *   initialState: { todos: [], nextId: 1 },
 * })
 */
export async function loadStreamWithReducer<State>(
  options: Omit<LoadStreamOptions<State, State>, 'reducer'> & { reducer: typeof setStateReducer },
): Promise<LoadedStream<State>>
export async function loadStreamWithReducer<State, Action>(
  options: LoadStreamOptions<State, Action>,
): Promise<LoadedStream<State>>
export async function loadStreamWithReducer<State, Action>(
  options: LoadStreamOptions<State, Action>,
): Promise<LoadedStream<State>> {
  const { path, signal, timeoutMs = 5_000, onTimeout, useCache = true, onError } = options
  const cache = useCache ? ((options.cache ?? ssrStateCache) as StateCache) : undefined
  const deadline = startDeadline(timeoutMs, signal)
  let failure: StreamError | undefined
  const caller: Caller = {
    signal: deadline.signal,
    onSkipped: guarded((error) => onError?.(error, path)),
    onFailure: (error) => (failure = error),
  }
  let source: Source<State, Action> | undefined
  let key: CacheKey | undefined
  try {
    source = await resolve(options, caller)
    key = cacheKey(source, options)
    return toLoaded(path, source, await read(source, path, cache, key, caller))
  } catch (error) {
    if (!deadline.hasPassed()) throw error
    const known = key && onTimeout === 'stale' && cache?.entries.get(key)?.progress
    if (!source || !known || !known.isWhole) throw timeout(options, timeoutMs, failure)
    return { ...toLoaded(path, source, known as Progress<State>), stale: true }
  } finally {
    deadline.end()
  }
}

/** A function of `headers` or `params` that throws is asked again, as if the network were away. */
function resolve<State, Action>(
  options: LoadStreamOptions<State, Action>,
  { signal, onFailure }: Caller,
): Promise<Source<State, Action>> {
  const attempt = async (): Promise<Source<State, Action>> => {
    try {
      return await resolveSource(options)
    } catch (cause) {
      const isOurs = cause instanceof StreamError
      const error = isOurs
        ? cause
        : disconnected(`Asking for the headers of ${options.path}`, cause)
      onFailure(error)
      throw error
    }
  }
  const policy = { ...DEFAULT_BACKOFF, maxAttempts: Infinity, maxTotalMs: Infinity }
  return untilAborted(withRetry(attempt, policy, signal), signal)
}

async function read<State, Action>(
  source: Source<State, Action>,
  path: string,
  cache: StateCache | undefined,
  key: CacheKey,
  caller: Caller,
): Promise<Progress<State>> {
  if (!cache) {
    const load = { ...caller, onRequest: () => {} }
    return readStream(source, beginning(source.initialState), load, () => {})
  }
  const progress = await cache.loads.join(key.text, caller, (load) =>
    readThroughCache(cache, key, path, source, load),
  )
  return progress as Progress<State>
}

function toLoaded<State>(
  path: string,
  { kind }: Pick<Source<State, never>, 'kind'>,
  { confirmed, offset }: Progress<State>,
): LoadedStream<State> {
  return { path, kind, ...confirmed, offset }
}

function timeout(
  {
    path,
    serverUrl,
    onTimeout,
  }: Pick<LoadStreamOptions<never, never>, 'path' | 'serverUrl' | 'onTimeout'>,
  timeoutMs: number,
  cause: StreamError | undefined,
): StreamError {
  const why = cause ? `: ${cause.message}` : ''
  const wayOut =
    onTimeout === 'stale' ? 'nothing was known before' : 'onTimeout: "stale" gives what was known'
  return new StreamError(
    'timeout',
    `"${path}" was not loaded from ${serverUrl} in ${timeoutMs} ms${why} (raise timeoutMs; ${wayOut})`,
    { cause },
  )
}
