import { useSyncExternalStore } from 'react'
import type {
  StreamText,
  StreamTextOptions,
  StreamTextSnapshot,
} from '../state/stream-text/index.ts'
import { textOfHook } from '../state/stream-text/text-of-hook.ts'
import { useOptionalStores } from './party-provider.tsx'
import { useHeld } from './use-held.ts'

/** A text that is being read, and what ends or goes on with the reading. */
export type StreamTextView = StreamTextSnapshot & Pick<StreamText, 'stop' | 'resume'>

/**
 * A text that grows in a stream, such as the answer of a model: all that has come so far, and what
 * comes. After a reload it is there at once, and goes on where it was. All components of a page that
 * show one text read it once. On a server, and in the first render of its markup, it is empty.
 *
 * @param urlOrKey a URL (it begins with `/`, or has `://` in it), or a key of the provider's server;
 *   nothing while there is no text to show. It may change between renders.
 * @param options as for `createStreamText`; those of the first use of a text count.
 * @throws {StreamError} in render: `invalid` for a key that is no path, or without a server.
 *
 * @example
 * const { text, isDone, stop } = useStreamText(`/v1/stream/answers/${id}`)
 */
export function useStreamText<Item = unknown>(
  urlOrKey: string | undefined,
  options: StreamTextOptions<Item> = {},
): StreamTextView {
  const stores = useOptionalStores()
  const text = useHeld(stores, urlOrKey, () => textOfHook(urlOrKey, stores, options))
  const { subscribe, getSnapshot, initialSnapshot, stop, resume } = text
  const snapshot = useSyncExternalStore(subscribe, getSnapshot, () => initialSnapshot)
  return { ...snapshot, stop, resume }
}
