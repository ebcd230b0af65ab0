import { StreamError } from '../core/errors.ts'

/** The state of one stream as a server has loaded it; JSON, to go into a page. */
export interface LoadedStream<State = unknown> {
  /** Path below the server: the key of the hooks that show it. */
  path: string
  kind: 'state' | 'action'
  state: State
  /** Where reading goes on. */
  offset: string
  /** Of the state, which the next conditional update names as its base. Protocol section 10. */
  version: string
  /** How many entries without a txid made the state. */
  untagged: number
  /** The server did not answer in time: this is what was known before. */
  stale?: true
}

/** The rows of a StreamDB as a server has loaded them; JSON, to go into a page. */
export interface DehydratedStreamDB {
  kind: 'db'
  /** Path below the server. */
  path: string
  /** Where reading goes on. */
  offset: string
  /** How many changes the stream held until there, which names the versions that no txid names. */
  ordinal: number
  /** Names what the rows were made by: those of another schema are not used. */
  schema: string
  /** By type: key, version, value as it came, key, version, … The key is 0 if the value has it. */
  rows: [type: string, rows: unknown[]][]
  /** Keys that a snapshot has named so far, by type, where one is open. Protocol section 10. */
  named?: [type: string, keys: string[]][]
}

/** What a page brings along: one, or a list, of any depth. */
export type HydrationData =
  | LoadedStream
  | DehydratedStreamDB
  | readonly HydrationData[]
  | null
  | undefined

/** What a page has brought along, by path. */
export interface Hydration {
  readonly streams: ReadonlyMap<string, LoadedStream>
  readonly databases: ReadonlyMap<string, DehydratedStreamDB>
}

/**
 * Sorts what a page brings along. Of one path the inner one counts, and of a list the last.
 *
 * @throws {StreamError} `invalid` for what no loader has made.
 */
export function readHydration(data: HydrationData, outer?: Hydration): Hydration {
  const streams = new Map(outer?.streams)
  const databases = new Map(outer?.databases)
  for (const loaded of ([data] as unknown[]).flat(Infinity)) {
    if (loaded == null) continue
    const { path, kind, offset } = Object(loaded) as LoadedStream | DehydratedStreamDB
    const isKnown = kind === 'db' || kind === 'state' || kind === 'action'
    if (!isKnown || typeof path !== 'string' || typeof offset !== 'string') {
      throw new StreamError(
        'invalid',
        `HydrationBoundary got ${JSON.stringify(loaded)?.slice(0, 80)}: give it what ` +
          'loadStreamWithReducer or dehydrateStreamDB gave',
      )
    }
    if (kind === 'db') databases.set(path, loaded as DehydratedStreamDB)
    else streams.set(path, loaded as LoadedStream)
  }
  return { streams, databases }
}
