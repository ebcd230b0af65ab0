import { createIsLimited, type HostGlobals } from './http-version.ts'
import { createLiveFetch } from './create-live-fetch.ts'
import type { LiveFetch } from './live-fetch.ts'

export const fetchLive: LiveFetch = createLiveFetch({
  tabs: undefined,
  isLimited: createIsLimited(globalThis as HostGlobals),
})

export { readSse } from '../read-sse.ts'
export { chooseTransport } from '../transport.ts'
