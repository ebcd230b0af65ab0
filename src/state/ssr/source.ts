import type { Dynamic } from '../../core/endpoint.ts'
import type { Reducer } from '../store/confirmed.ts'
import type { StoreKind } from '../store/entry.ts'
import { keyPath, streamUrl } from '../store/key-url.ts'
import { setStateReducer } from '../store/set-state-reducer.ts'
import { withSchema } from '../store/with-schema.ts'
import type { LoadStreamOptions } from './options.ts'

/** Where a stream is, who asks, and what is made of it. */
export interface Source<State, Action> {
  url: string
  headers: Fields
  params: Fields
  fetch: typeof globalThis.fetch | undefined
  kind: StoreKind
  reducer: Reducer<State, Action>
  initialState: State
}

/** In the order of their names, so that equal ones are equal text. */
type Fields = Readonly<Record<string, string>>

/**
 * Asks for what is to be asked for, once: the answer is also who the state is for.
 *
 * @throws {StreamError} `invalid` for a path that is none; what a function of `headers` or `params` throws.
 */
export async function resolveSource<State, Action>({
  serverUrl,
  path,
  headers = {},
  params = {},
  fetch,
  reducer,
  initialState,
  schema,
}: LoadStreamOptions<State, Action>): Promise<Source<State, Action>> {
  return {
    url: streamUrl(String(serverUrl), keyPath(path)),
    headers: await resolveFields(headers, (name) => name.toLowerCase()),
    params: await resolveFields(params, (name) => name),
    fetch,
    kind: (reducer as unknown) === setStateReducer ? 'state' : 'action',
    reducer: schema ? withSchema(reducer, schema) : reducer,
    initialState,
  }
}

async function resolveFields(fields: Dynamic, nameOf: (name: string) => string): Promise<Fields> {
  const entries = await Promise.all(
    Object.entries(fields).map(async ([name, value]) => {
      return [nameOf(name), typeof value === 'function' ? await value() : value] as const
    }),
  )
  const known = entries.filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)))
}
