import { createSsrStateCache, type LoadOptions, type SsrStateCache } from 'streamwell/ssr'
import type { ServerOptions } from '../../dev-server/index.ts'
import { createStream, post, startServer } from '../support/server.ts'

/** A server of streams, as one that renders pages sees it. */
export interface Site {
  serverUrl: string
  cache: SsrStateCache
  /** Counts what is asked for, and asks. The same function for each load. */
  fetch: typeof fetch
  /** What was asked for so far, as `path@offset`. */
  asked: string[]
  /** What each load of the site has in common. */
  options: { serverUrl: string; cache: SsrStateCache; fetch: typeof fetch; timeoutMs: number }
  /** Makes a stream, or makes it again. */
  create: (path: string) => Promise<void>
  write: (path: string, ...events: unknown[]) => Promise<void>
  remove: (path: string) => Promise<void>
  stop: () => Promise<void>
}

export async function startSite(options: ServerOptions = {}): Promise<Site> {
  const { url: serverUrl, server } = await startServer(options)
  return siteAt(serverUrl, { stop: () => server.stop() })
}

export function siteAt(serverUrl: string, { stop }: { stop: () => Promise<void> }): Site {
  const cache = createSsrStateCache()
  const asked: string[] = []
  const counted: typeof fetch = (input, init) => {
    const { pathname, searchParams } = new URL(String(input))
    const path = pathname.slice(new URL(serverUrl).pathname.length + 1)
    asked.push(`${path}@${searchParams.get('offset')}`)
    return fetch(input, init)
  }
  return {
    serverUrl,
    cache,
    asked,
    fetch: counted,
    // A machine may hang for longer than a visitor should wait.
    options: {
      ...{ serverUrl, cache, fetch: counted },
      timeoutMs: 60_000,
    } satisfies LoadOptions & { serverUrl: string },
    create: async (path) => void (await createStream(serverUrl, { path })),
    async write(path, ...events) {
      const { status } = await post(`${serverUrl}/${path}`, JSON.stringify(events))
      if (status >= 300) throw new Error(`Writing to ${path} was answered ${status}`)
    },
    async remove(path) {
      await fetch(`${serverUrl}/${path}`, { method: 'DELETE' })
    },
    stop,
  }
}

/** What `useServerState` writes. */
export function set(value: unknown, headers: object = {}): object {
  return { type: 'state', key: 'value', value, headers: { operation: 'upsert', ...headers } }
}

/** What `useServerReducer` writes. */
export function act(action: unknown, headers: object = {}): object {
  return { type: 'action', key: 'a', value: action, headers: { operation: 'insert', ...headers } }
}

/** A reducer, and what it starts from. */
export const sum: { reducer: (total: number, amount: number) => number; initialState: number } = {
  reducer: (total, amount) => total + amount,
  initialState: 0,
}
