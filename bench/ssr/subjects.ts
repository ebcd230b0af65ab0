import { stream } from '@durable-streams/client'
import {
  createSsrStateCache,
  loadStreamWithReducer,
  type SsrStateCache,
} from '../../src/state/ssr/index.ts'
import type { App, Move } from './actions.ts'

export type SubjectName = 'limit' | 'ours' | 'peer'

/** Gives the state for one request. */
export type LoadPage = (url: string, app: App) => Promise<unknown>

interface Event {
  value: Move
}

/** A server that renders pages, just started. */
export function openSubject(name: SubjectName, fetch: typeof globalThis.fetch): LoadPage {
  if (name === 'ours') return ours(createSsrStateCache(), fetch)
  return name === 'peer' ? peer : (url, app) => leastCode(url, app, fetch)
}

function ours(cache: SsrStateCache, fetch: typeof globalThis.fetch): LoadPage {
  return async (url, { reducer, initialState }) => {
    const end = url.lastIndexOf('/')
    const { state } = await loadStreamWithReducer({
      serverUrl: url.slice(0, end),
      path: url.slice(end + 1),
      reducer,
      initialState,
      cache,
      fetch,
      timeoutMs: 60_000,
    })
    return state
  }
}

/** What a user of the peer's client writes: read, fold, for each request. */
async function peer(url: string, { reducer, initialState }: App): Promise<unknown> {
  let state = initialState
  let offset = '-1'
  for (let isUpToDate = false; !isUpToDate; ) {
    const response = await stream<Event>({ url, offset, live: false })
    for (const { value } of await response.json()) state = reducer(state, value)
    offset = response.offset
    isUpToDate = response.upToDate
  }
  return state
}

async function leastCode(
  url: string,
  { reducer, initialState }: App,
  fetch: typeof globalThis.fetch,
): Promise<unknown> {
  let state = initialState
  let offset = '-1'
  for (let isUpToDate = false; !isUpToDate; ) {
    const response = await fetch(`${url}?offset=${offset}`)
    isUpToDate = response.headers.has('stream-up-to-date')
    offset = response.headers.get('stream-next-offset')!
    for (const { value } of JSON.parse(await response.text()) as Event[]) {
      state = reducer(state, value)
    }
  }
  return state
}
