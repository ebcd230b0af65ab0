import { createLiveFetch } from './create-live-fetch.ts'
import { createIsLimited, type HostGlobals } from './http-version.ts'
import type { LiveFetch } from './live-fetch.ts'
import { browserTabs } from './tabs/environment.ts'

export const fetchLive: LiveFetch = createLiveFetch({
  tabs: browserTabs(),
  isLimited: createIsLimited(globalThis as HostGlobals),
  load: {
    tabs: () => import('./tabs/create-tabs.ts'),
    turns: () => import('./turns.ts'),
  },
})

export { readSse } from '../read-sse.ts'
export { chooseTransport } from '../transport.ts'
