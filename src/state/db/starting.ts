import type { RowHydration } from './hydrate-stream-db.ts'

/** How a database starts. */
export interface StartingOptions {
  /**
   * Rows that the page has brought along, by `hydrateStreamDB`: they are there at once, and reading
   * goes on from where they end.
   */
  hydration?: RowHydration | undefined
  /**
   * Whether reading starts by itself: when a collection is first used, or with the rows of a page.
   * Default `true`; else `preload()` starts it.
   */
  autoStart?: boolean
  /**
   * What the ids of its collections begin with. TanStack DB tells two databases of one stream apart
   * by them. Default: the URL of the stream.
   */
  id?: string
}
