import {
  type DehydratedStreamDB,
  type LoadedStream,
  loadMultipleStreamsWithReducers,
  loadStreamWithReducer,
  setStateReducer,
} from 'streamwell/ssr'
import { loadStreamDB } from 'streamwell/state'
import type { PageData } from './answer-page.ts'
import { COFFEE_KEY, NOTES_KEY, SHOPPING_KEY } from './keys.ts'
import { notesSchema } from './notes.ts'
import type { PagePath } from './pages.ts'
import { type Item, nothingToBuy, shoppingReducer } from './shopping.ts'

/** How the server itself reaches the streams. */
export interface Streams {
  serverUrl: string
  /** For streams in this very process. Default: the global one. */
  fetch?: typeof globalThis.fetch
}

/** All that the page at `path` shows. */
export async function loadPage(path: PagePath, streams: Streams): Promise<PageData> {
  const loadInner = path === '/' ? loadToday : loadNotes
  const [shell, page] = await Promise.all([loadShell(streams), loadInner(streams)])
  return { shell, page }
}

/** What every page shows: the cups in its head. */
export function loadShell(streams: Streams): Promise<LoadedStream<number>> {
  return loadStreamWithReducer({
    ...streams,
    path: COFFEE_KEY,
    reducer: setStateReducer<number>,
    initialState: 0,
  })
}

export function loadToday({
  serverUrl,
  ...options
}: Streams): Promise<[LoadedStream<number>, LoadedStream<readonly Item[]>]> {
  return loadMultipleStreamsWithReducers(
    serverUrl,
    [
      { path: COFFEE_KEY, reducer: setStateReducer<number>, initialState: 0 },
      { path: SHOPPING_KEY, reducer: shoppingReducer, initialState: nothingToBuy },
    ],
    options,
  )
}

/** The rows of the notes. */
export function loadNotes({ serverUrl, ...options }: Streams): Promise<DehydratedStreamDB> {
  const url = `${serverUrl}/${NOTES_KEY}`
  return loadStreamDB({ streamOptions: { ...options, url }, state: notesSchema }, NOTES_KEY)
}
