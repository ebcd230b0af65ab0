import { type Accessor, untrack } from 'solid-js'
import type { StreamStatus } from '../core/status.ts'
import { statusOf } from '../state/store/overview.ts'
import { useStores } from './party-provider.ts'
import { useObservable } from './use-observable.ts'
import type { Key } from './use-shared-store.ts'

/**
 * How the stream of a key is connected, without using it: `idle` while nothing else on the page does,
 * and on a server.
 *
 * @param key names the stream; an accessor, if it changes.
 * @throws {StreamError} `invalid` where there is neither a provider nor a page with a server.
 *
 * @example
 * const status = useStreamStatus('rooms/todos')
 */
export function useStreamStatus(key: Key): Accessor<StreamStatus> {
  const currentKey = typeof key === 'function' ? key : () => key
  const stores = useStores(`useStreamStatus("${untrack(currentKey)}")`)
  return useObservable(() => statusOf(stores, currentKey()), { kind: 'idle' })
}
