import type { LiveFetch } from './live-fetch.ts'

export const fetchLive: LiveFetch = ({ target, init, send }) => send(target, init)

export { readSse } from '../read-sse.ts'
export { chooseTransport } from '../transport.ts'
