import type { EndpointOptions } from '../core/endpoint.ts'
import { StreamError } from '../core/errors.ts'
import { absoluteUrl } from './endpoint-identity.ts'
import type { Stores } from './store/stores.ts'

/**
 * How a stream is reached that a hook names: by a URL, or by a key of the provider's server. What
 * requests of the provider carry, such as a token, goes to its server and to no other.
 *
 * @param urlOrKey a URL begins with `/` or has `://` in it; anything else is a key.
 * @param stores of the provider, or of the page.
 * @param user the hook that asks, as its user wrote it.
 * @throws {StreamError} `invalid` for a key that is no path, or without a server to find it on.
 */
export function streamTarget(
  urlOrKey: string,
  stores: Stores | undefined,
  user: string,
): EndpointOptions {
  if (!urlOrKey.startsWith('/') && !urlOrKey.includes('://')) {
    if (stores) return stores.endpoint(urlOrKey)
    throw new StreamError(
      'invalid',
      `${user} has no server: give the URL of the stream, or wrap it in <PartyProvider serverUrl="http://127.0.0.1:4437/v1/stream">`,
    )
  }
  const own = stores?.endpoint(ANY_KEY)
  const isOwn =
    own && absoluteUrl(urlOrKey).startsWith(absoluteUrl(own.url).slice(0, -ANY_KEY.length))
  return { ...(isOwn && own), url: urlOrKey }
}

const ANY_KEY = 'a'
