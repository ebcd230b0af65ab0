/** A live read of one stream, about to be sent. */
export interface LiveRequest {
  /** The stream's address, with all of the query: `offset`, `live`, `cursor`, and the user's own. */
  target: URL
  /** Has the signal, and the headers as they are sent: what functions gave is known. */
  init: RequestInit
  /** What the user gave as `fetch`, or the global one. */
  send: typeof fetch
  /** What an answer of this stream said under `Stream-Multiplex`: a URL, relative to the stream's. */
  multiplex: string | null
  /** What shares the connection; default `'browser'`. */
  connection?: 'browser' | 'page' | undefined
}

/** Answers as the server would answer `send(target, init)`, maybe without a connection for it alone. */
export type LiveFetch = (request: LiveRequest) => Promise<Response>

let loaded: LiveFetch | undefined

/** Loaded on first need: who reads nothing live does without. */
export const fetchLive: LiveFetch = async (request) => {
  loaded ??= await import('./live/index.ts').then(
    (live) => live.fetchLive,
    () => undefined,
  )
  // A page that cannot load it has one connection per stream, as everywhere else.
  return loaded ? loaded(request) : request.send(request.target, request.init)
}

/** For hosts that bring their own way: one with another clock or network than the globals. */
export function setLiveFetch(live: LiveFetch): void {
  loaded = live
}
