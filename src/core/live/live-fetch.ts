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
  connection?: 'browser' | 'page' | 'stream' | undefined
}

/** Answers as the server would answer `send(target, init)`, maybe without a connection for it alone. */
export type LiveFetch = (request: LiveRequest) => Promise<Response>
