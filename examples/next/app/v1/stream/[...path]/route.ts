import { streams } from '../../../../lib/streams.ts'

/** The whole server of the streams, on the page's own origin. */
const answer = (request: Request): Promise<Response> => streams.fetch(request)

export { answer as GET, answer as POST, answer as PUT, answer as DELETE, answer as HEAD }
