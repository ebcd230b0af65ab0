import type { Rows, User } from './data.ts'

/** Rows that were loaded. */
export interface Loaded {
  rows: Rows
  /** Milliseconds that TanStack DB took for its commit, where that was measured by itself. */
  floorMs?: number
  close(): void
}

/** A live query on all rows. */
export interface Watcher {
  /** Resolves when the query shows what there is. */
  ready: Promise<unknown>
  /** Rows that the query shows. */
  readonly size: number
  stop(): void
}

/** A database on a stream, or the least code that does the same. */
export interface Subject {
  /** Reads the stream to its end, and has its rows in a TanStack DB collection. */
  preload(url: string): Promise<Loaded>
  /** The same, of rows that change again and again; the least code needs no collection. */
  fold(url: string): Promise<Loaded>
  /** Follows the stream with a live query. `onRows` gets the rows that changed. */
  watch(url: string, onRows: (rows: readonly User[]) => void): Watcher
}
