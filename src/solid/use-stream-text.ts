import { type Accessor, createMemo, untrack } from 'solid-js'
import type {
  StreamText,
  StreamTextOptions,
  StreamTextSnapshot,
} from '../state/stream-text/index.ts'
import { textOfHook } from '../state/stream-text/text-of-hook.ts'
import { useOptionalStores } from './party-provider.ts'
import { useObservable } from './use-observable.ts'

/**
 * A text that is being read, and what ends or goes on with the reading. Each is a signal: read it
 * where it is used, and do not take it out of the object before.
 */
export type StreamTextView = Readonly<StreamTextSnapshot> & Pick<StreamText, 'stop' | 'resume'>

/**
 * A text that grows in a stream, such as the answer of a model: all that has come so far, and what
 * comes. After a reload it is there at once, and goes on where it was. All components of a page that
 * show one text read it once. On a server, and while its markup is taken over, it is empty.
 *
 * @param urlOrKey a URL (it begins with `/`, or has `://` in it), or a key of the provider's server;
 *   nothing while there is no text to show. An accessor, if it changes.
 * @param options as for `createStreamText`; those of the first use of a text count.
 * @throws {StreamError} `invalid` for a key that is no path, or without a server.
 *
 * @example
 * const answer = useStreamText(() => `/v1/stream/answers/${id()}`)
 * return <p>{answer.text}</p>
 */
export function useStreamText<Item = unknown>(
  urlOrKey: string | undefined | Accessor<string | undefined>,
  options: StreamTextOptions<Item> = {},
): StreamTextView {
  const stores = useOptionalStores()
  const named = typeof urlOrKey === 'function' ? urlOrKey : () => urlOrKey
  const text = createMemo(() => textOfHook(named(), stores, options))
  const snapshot = useObservable(text, untrack(text).initialSnapshot)
  return {
    get text() {
      return snapshot().text
    },
    get isDone() {
      return snapshot().isDone
    },
    get isStopped() {
      return snapshot().isStopped
    },
    get end() {
      return snapshot().end
    },
    get status() {
      return snapshot().status
    },
    get error() {
      return snapshot().error
    },
    get offset() {
      return snapshot().offset
    },
    stop: () => untrack(text).stop(),
    resume: () => untrack(text).resume(),
  }
}
