import type { EndpointOptions } from '../../core/endpoint.ts'
import { absoluteUrl, endpointIdentity } from '../endpoint-identity.ts'
import { createWeakShares } from '../weak-shares.ts'
import { openStreamText } from './open-stream-text.ts'
import type { StreamTextOptions } from './options.ts'
import type { StreamText } from './stream-text.ts'

/** Those of this page. */
const shared = /* @__PURE__ */ createWeakShares<StreamText>()

/**
 * Reads a text that grows in a stream, such as the answer of a model: all that has come so far, and
 * what comes. After a reload it is there at once, and goes on where it was. It is read while it has
 * subscribers, until its stream is closed; one that is not there yet is waited for. Items of a JSON
 * stream give their text by `textOf`.
 *
 * A text is read once a page: a second call with the same URL, and the same values in `headers`,
 * `params` and `fetch`, gives the same one; its other options are those of the first call.
 *
 * An address is for one text. A stream that was lost starts clean; but one that was made again, and
 * is longer by now than the one before had been read, cannot be told from it. Protocol section 5.
 *
 * @param url of the stream, relative to the page's if you like.
 *
 * @example
 * const answer = createStreamText('/v1/stream/answers/1')
 * answer.subscribe(() => show(answer.getSnapshot().text))
 */
export function createStreamText<Item = unknown>(
  url: string | URL,
  options: StreamTextOptions<Item> = {},
): StreamText {
  const endpoint = { ...options, url }
  return shared.find(endpointIdentity(endpoint), () =>
    openStreamText(endpoint, nameOf(endpoint), options as StreamTextOptions),
  )
}

/** What it is kept under: what a function gives as a parameter is not for long. */
function nameOf({ url, params = {} }: EndpointOptions): string {
  const fixed = Object.entries(params).filter(([, value]) => typeof value === 'string')
  const query = new URLSearchParams(fixed as [string, string][]).toString()
  return query ? `${absoluteUrl(url)} ${query}` : absoluteUrl(url)
}
