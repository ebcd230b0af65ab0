import type { StreamError } from '../../core/errors.ts'

/**
 * What the development build says, once each, of mistakes that are no errors. The whole body of each
 * function is for development, so that bundlers leave nothing of it in what is deployed.
 */
const said = new Set<string>()

function warnOnce(message: string): void {
  if (said.has(message)) return
  said.add(message)
  // oxlint-disable-next-line no-console -- For whoever writes the page, and sees no other place.
  console.warn(`[streamwell] ${message}`)
}

/** The page's own origin was asked, since no server was named, and has no streams. */
export function warnNoServer(key: string, { code, status }: StreamError): void {
  if (process.env.NODE_ENV !== 'production') {
    const isNone = code === 'not-found' || status === 404 || status === 405 || code === 'malformed'
    if (!isNone) return
    warnOnce(
      `Nothing serves streams at this page's /v1/stream, which "${key}" needs: add streamwell() to ` +
        'the plugins of vite.config.ts, or say where they are, <PartyProvider serverUrl="…">.',
    )
  }
}

/** The first one counts, so a later one does nothing: the writer may expect that it does. */
export function warnInitialValue(hook: string, key: string, first: unknown, now: unknown): void {
  if (process.env.NODE_ENV !== 'production') {
    if (Object.is(first, now)) return
    const [one, other] = [first, now].map((value) => JSON.stringify(value)?.slice(0, 80))
    if (one === other) return
    warnOnce(
      `${hook}("${key}") had the initial value ${one}, and now has ${other}. The first one counts, for ` +
        'as long as the key is used; to change the state, set it.',
    )
  }
}

const reducers = new WeakMap<object, unknown>()

/** Two reducers on one key would show different states of the same actions. */
export function warnReducerClash(store: object, key: string, reducer: unknown): void {
  if (process.env.NODE_ENV !== 'production') {
    const first = reducers.get(store)
    if (!first) reducers.set(store, reducer)
    // One that is written in a component is another function in each render, with the same text.
    if (!first || first === reducer || String(first) === String(reducer)) return
    warnOnce(
      `useServerReducer("${key}") is used with two reducers, and only the first one runs: share one, ` +
        'defined outside of components, or give each a key of its own.',
    )
  }
}

/** Each one has a state of its own in the cache, which so never serves a second request. */
export function warnFreshReducers(path: string): void {
  if (process.env.NODE_ENV !== 'production') {
    warnOnce(
      `loadStreamWithReducer("${path}") got another reducer, schema or fetch with each request, and so ` +
        'reads all of the stream each time: define them once, outside of the loader.',
    )
  }
}

/** JSON changes or drops some values without a word: others would get something else. */
export function warnLossy(hook: string, key: string, value: unknown): void {
  if (process.env.NODE_ENV !== 'production') {
    const found = findLossy(value, '')
    if (!found) return
    warnOnce(
      `${hook}("${key}") got a ${found.what}${found.at && ` at ${found.at}`}, which JSON cannot keep: ` +
        'use plain objects, arrays, strings, finite numbers, booleans and null.',
    )
  }
}

function findLossy(value: unknown, at: string): { what: string; at: string } | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return { what: String(value), at }
  if (['function', 'symbol', 'bigint'].includes(typeof value)) return { what: typeof value, at }
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) {
    return { what: (value.constructor as { name?: string } | undefined)?.name ?? 'object', at }
  }
  for (const [name, inner] of Object.entries(value)) {
    const found = findLossy(inner, at ? `${at}.${name}` : name)
    if (found) return found
  }
  return undefined
}
