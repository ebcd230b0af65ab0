export type { DehydratedStreamDB, HydrationData, LoadedStream } from '../hydration.ts'
export { setStateReducer } from '../store/set-state-reducer.ts'
export { dehydrateStreamDB } from './dehydrate-stream-db.ts'
export type { CacheLimits } from './entries.ts'
export { loadStreamWithReducer } from './load-stream.ts'
export { loadMultipleStreamsWithReducers } from './load-streams.ts'
export type { LoadOptions, LoadStreamOptions, StreamToLoad } from './options.ts'
export { serializeForHtml } from './serialize-for-html.ts'
export {
  createSsrStateCache,
  type SsrStateCache,
  ssrStateCache,
  type SsrStateCacheStats,
} from './state-cache.ts'
