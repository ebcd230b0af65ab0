import { StreamError } from '../errors.ts'
import type { Environment } from './environment.ts'
import { createHubs } from './hubs.ts'
import type { LiveFetch } from './live-fetch.ts'
import { createTabs } from './tabs/create-tabs.ts'
import { createTurns } from './turns.ts'

/** Live reads over as few connections as the server, the browser and the user's options allow. */
export function createLiveFetch({ tabs, isLimited }: Environment): LiveFetch {
  const local = createHubs(createTurns(isLimited, tabs?.locks), isLimited)
  const shared = tabs && createTabs(tabs, local)

  return async (request) => {
    const { connection = 'browser', multiplex, target } = request
    if (!/^(browser|page)$/.test(connection)) {
      throw new StreamError(
        'invalid',
        `connection is "${connection}": use 'browser', 'page' or 'stream'`,
      )
    }
    // Where connections are many, and each is for one stream, tabs have nothing to share.
    return shared && (multiplex !== null || isLimited(target)) ? shared(request) : local(request)
  }
}
