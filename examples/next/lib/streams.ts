import { createFetchHandler, type FetchHandler } from 'streamwell/fetch'
import { lmdbStorage } from 'streamwell/server'

/** The server of the streams, one for this process: Next loads modules again as they are edited. */
const shared = globalThis as { streams?: FetchHandler }

/** A folder to keep the streams in; without one they live as long as the server. */
const folder = process.env['STREAMS_FOLDER']

export const streams: FetchHandler = (shared.streams ??= createFetchHandler({
  cacheControl: 'revalidate',
  ...(folder && { storage: lmdbStorage({ path: folder }) }),
}))

/** How pages reach the streams while they are rendered: in this very process. */
export const ownStreams = {
  serverUrl: 'http://own.streams/v1/stream',
  fetch: (input: RequestInfo | URL, init?: RequestInit): Promise<Response> =>
    streams.fetch(new Request(input, init)),
}
