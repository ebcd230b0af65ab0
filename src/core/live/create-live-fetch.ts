import { StreamError } from '../errors.ts'
import type { Environment } from './environment.ts'
import { createHubs } from './hubs.ts'
import type { LiveFetch } from './live-fetch.ts'

/** What cannot be loaded after so many tries is done without. */
const MAX_FAILURES = 3

/** Live reads over as few connections as the server, the browser and the user's options allow. */
export function createLiveFetch({ tabs, isLimited, load }: Environment): LiveFetch {
  const alone: LiveFetch = ({ target, init, send }) => send(target, init)
  let turns: Promise<LiveFetch> | undefined
  let failures = 0
  const takeTurns: LiveFetch = async (request) => {
    if (!isLimited(request.target)) return alone(request)
    turns ??= load.turns().then(
      ({ createTurns }) => createTurns(isLimited, tabs?.locks),
      (error) => {
        turns = undefined
        // Without a network it cannot be loaded either, and connections must not run out meanwhile.
        if (++failures < MAX_FAILURES) throw error
        return alone
      },
    )
    return (await turns)(request)
  }
  const local = createHubs(takeTurns, isLimited)
  // It is loaded beside the history that is read first.
  const shared =
    tabs &&
    load.tabs().then(
      ({ createTabs }) => createTabs(tabs, local),
      () => local,
    )

  return async (request) => {
    const { connection = 'browser', multiplex, target } = request
    if (!/^(browser|page)$/.test(connection)) {
      throw new StreamError(
        'invalid',
        `connection is "${connection}": use 'browser', 'page' or 'stream'`,
      )
    }
    // Where connections are many, and each is for one stream, tabs have nothing to share.
    const shares = connection === 'browser' && (multiplex !== null || isLimited(target))
    const response = await ((shares && (await shared)) || local)(request)
    // What was made by hand has no address; messages name it.
    return response.url ? response : Object.defineProperty(response, 'url', { value: target.href })
  }
}
