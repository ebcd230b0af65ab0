import { StreamError } from '../../core/errors.ts'
import type { StateDefinition } from '../definition.ts'
import { absoluteUrl } from '../endpoint-identity.ts'
import type { Hydration } from '../hydration.ts'
import { schemaName } from '../schema-name.ts'
import { sameOriginServerUrl } from '../store/key-url.ts'
import type { Stores } from '../store/stores.ts'
import { streamPath } from '../stream-path.ts'
import type { ActionDefinitions } from './actions.ts'
import { createStreamDB } from './create-stream-db.ts'
import { hydrateStreamDB } from './hydrate-stream-db.ts'
import type { StreamDBOptions } from './options.ts'
import { type SharedDatabase, shareDatabase } from './shared-database.ts'
import type { StateStream, StateStreamOptions } from './state-stream.ts'
import type { StreamDB } from './stream-db.ts'

type OwnOptions = 'stream' | 'streamOptions' | 'hydration' | 'autoStart' | 'id'

/** Where the stream of a database is: one of the three. */
export type StreamOfDatabase =
  | {
      /** Names the stream on the server of the provider, as in `useServerState`. */
      key: string
      /** How to ask it, besides what the provider says. */
      streamOptions?: Omit<StateStreamOptions, 'url'>
      stream?: never
    }
  | { key?: never; streamOptions: StateStreamOptions; stream?: never }
  /** A JSON stream at hand, such as a `DurableStream`. */
  | { key?: never; streamOptions?: never; stream: StateStream }

/** Options of `createStreamDB`, but that the stream may be named by a `key`. */
export type UseStreamDBOptions<
  Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
> = Omit<StreamDBOptions<Definition, Definitions>, OwnOptions> & StreamOfDatabase

/** Where a hook stands. */
export interface Surroundings {
  /** Of the nearest provider, or of the page. None: on a server, without a provider. */
  stores: Stores | undefined
  /** What the page brings along. */
  hydration: Hydration | undefined
  /** Rises when one that was closed is asked for again, for those who remember what they were given. */
  attempt?: number
}

/** Databases of one provider, by what tells them apart. */
interface Shelf {
  databases: Map<string, SharedDatabase<StreamDB<any, any>>>
  /** TanStack DB takes collections of one id for the same, also when the first is closed. */
  nextId: (url: string) => string
}

const shelves = new WeakMap<Stores, Shelf>()

/**
 * The database of these options that is open already, or a new one. What tells databases apart is the
 * stream, the schema with its version, `live`, `persistenceScope`, and headers and parameters that are
 * plain text; all else is as the one says who opens it.
 *
 * @throws {StreamError} what `createStreamDB` throws.
 */
export function openShared<
  const Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
>(
  options: UseStreamDBOptions<Definition, Definitions>,
  { stores, hydration }: Surroundings,
): SharedDatabase<StreamDB<Definition, Definitions>> {
  const isPage = sameOriginServerUrl() !== undefined
  const { stream, key, streamOptions: _, ...rest } = options
  const endpoint = stream ?? endpointOf(options, stores)
  const url = addressOf(endpoint.url, isPage)
  const made = schemaName(rest.state, rest.schemaVersion)
  const { headers, params }: Partial<StateStreamOptions> = stream ? {} : endpoint
  // What is a function goes by no name, and may be a new one in each render.
  const identity = JSON.stringify([url, made, rest.live, rest.persistenceScope, headers, params])
  const shelf = shelfOf(stores)
  const found = shelf.databases.get(identity)
  if (found) return found

  const rows = hydration?.databases.get(key ?? streamPath(url) ?? '')
  const db = createStreamDB<Definition, Definitions>({
    ...rest,
    ...(stream ? { stream } : { streamOptions: { ...endpoint, url } }),
    id: shelf.nextId(url),
    // On a server nothing is read, and in a page only once it has taken over the server's markup.
    autoStart: isPage && rows?.schema !== made,
    hydration: rows && hydrateStreamDB(rows),
  })
  const shared = shareDatabase(db, isPage ? () => void shelf.databases.delete(identity) : undefined)
  shelf.databases.set(identity, shared)
  return shared
}

/** @throws {StreamError} `invalid` for a key where there is no server. */
function endpointOf(
  { key, streamOptions }: StreamOfDatabase,
  stores: Stores | undefined,
): StateStreamOptions {
  if (key === undefined) return streamOptions!
  if (stores) return { ...stores.endpoint(key), ...streamOptions }
  throw new StreamError(
    'invalid',
    `useStreamDB({ key: "${key}" }) has no server: outside a browser wrap it in <PartyProvider serverUrl="http://127.0.0.1:4437/v1/stream">`,
  )
}

/** A server that renders for a page has no address that it could start from, and reads nothing. */
function addressOf(url: string | URL, isPage: boolean): string {
  return isPage ? absoluteUrl(url) : new URL(url, 'http://localhost').href
}

function shelfOf(stores: Stores | undefined): Shelf {
  const found = stores && shelves.get(stores)
  if (found) return found
  const openings = new Map<string, number>()
  const shelf: Shelf = {
    databases: new Map(),
    nextId(url) {
      const count = (openings.get(url) ?? 0) + 1
      openings.set(url, count)
      return count === 1 ? url : `${url}#${count}`
    },
  }
  if (stores) shelves.set(stores, shelf)
  return shelf
}
