import { linkedController } from '../../core/abort-link.ts'
import type { LoadedStream } from '../hydration.ts'
import type { setStateReducer } from '../store/set-state-reducer.ts'
import { loadStreamWithReducer } from './load-stream.ts'
import type { LoadOptions, StreamToLoad } from './options.ts'

/** A stream whose reducer and state are not known yet. */
interface AnyStream extends Omit<StreamToLoad<unknown, never>, 'reducer'> {
  reducer: (state: never, action: never) => unknown
}

type AnyLoad = StreamToLoad<unknown, never>

type StateOf<Stream extends AnyStream> = Stream['reducer'] extends typeof setStateReducer
  ? Stream['initialState']
  : Parameters<Stream['reducer']>[0]

/** Loaded streams, in the order in which they were asked for. */
export type LoadedStreams<Streams extends readonly AnyStream[]> =
  // Conditional, so that no type is inferred from what the result is used for.
  Streams extends infer Given extends readonly AnyStream[]
    ? { -readonly [Index in keyof Given]: LoadedStream<StateOf<Given[Index]>> }
    : never

/**
 * Loads the streams that a page shows, at the same time: {@link loadStreamWithReducer} of each. What
 * it gives goes into a `HydrationBoundary` as it is.
 *
 * @param options of all of them; those of a stream itself count more.
 * @throws what the first that fails throws; the others are given up.
 *
 * @example
 * const data = await loadMultipleStreamsWithReducers('https://example.com/v1/stream', [
 *   { path: 'demo/counter', reducer: setStateReducer, initialState: 0 },
 *   { path: 'demo/todos', reducer: todoReducer, initialState: { todos: [], nextId: 1 } },
 * ])
 */
export async function loadMultipleStreamsWithReducers<Streams extends readonly AnyStream[]>(
  serverUrl: string,
  streams: readonly [
    ...{ [Index in keyof Streams]: Streams[Index] & { initialState: StateOf<Streams[Index]> } },
  ],
  options: LoadOptions = {},
): Promise<LoadedStreams<Streams>> {
  const loads = streams.map((stream) => ({ stream, controller: new AbortController() }))
  // A signal for each: Node warns of one that has more than ten listeners.
  const group = linkedController(options.signal, (reason) => {
    for (const { controller } of loads) controller.abort(reason)
  })
  try {
    const loaded = loads.map(({ stream, controller: { signal } }) =>
      loadStreamWithReducer({ ...options, ...(stream as AnyLoad), serverUrl, signal }),
    )
    return (await Promise.all(loaded)) as LoadedStreams<Streams>
  } finally {
    // Without a reason it would be an error with a stack, made for nobody.
    group.abort(1)
  }
}
