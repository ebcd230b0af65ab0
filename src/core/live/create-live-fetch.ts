import { StreamError } from '../errors.ts'
import type { Environment } from './environment.ts'
import { createHubs } from './hubs.ts'
import type { LiveFetch } from './live-fetch.ts'
import { createTurns } from './turns.ts'

/** Live reads over as few connections as the server, the browser and the user's options allow. */
export function createLiveFetch({ isLimited }: Environment): LiveFetch {
  const local = createHubs(createTurns(isLimited), isLimited)

  return async (request) => {
    const { connection } = request
    if (connection !== undefined && connection !== 'browser' && connection !== 'page') {
      throw new StreamError(
        'invalid',
        `connection is "${connection}": use 'browser', 'page' or 'stream'`,
      )
    }
    return local(request)
  }
}
