import type { EndpointOptions } from '../../core/endpoint.ts'
import type { Stores } from '../store/stores.ts'
import { streamTarget } from '../stream-target.ts'
import { createStreamText } from './create-stream-text.ts'
import type { StreamTextOptions } from './options.ts'
import type { StreamText } from './stream-text.ts'
import { INITIAL_SNAPSHOT } from './text-view.ts'

/** What there is before a stream is named. */
const NOTHING: StreamText = {
  initialSnapshot: INITIAL_SNAPSHOT,
  getSnapshot: () => INITIAL_SNAPSHOT,
  subscribe: () => () => {},
  stop() {},
  resume() {},
}

/** The text that a hook shows. */
export function textOfHook<Item>(
  urlOrKey: string | undefined,
  stores: Stores | undefined,
  options: StreamTextOptions<Item>,
): StreamText {
  if (urlOrKey === undefined) return NOTHING
  const target = streamTarget(urlOrKey, stores, `useStreamText("${urlOrKey}")`)
  return createStreamText(target.url, merged(target, options))
}

/** What a hook is given itself counts more than what its provider was given. */
function merged<Item>(
  target: EndpointOptions,
  options: StreamTextOptions<Item>,
): StreamTextOptions<Item> {
  const headers = options.headers ? { ...target.headers, ...options.headers } : target.headers
  const params = options.params ? { ...target.params, ...options.params } : target.params
  return { ...target, ...options, headers, params }
}
