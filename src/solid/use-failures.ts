import type { Accessor } from 'solid-js'
import { failuresOf, type KeyedFailure } from '../state/store/overview.ts'
import { useStores } from './party-provider.ts'
import { useObservable } from './use-observable.ts'

const NONE: readonly KeyedFailure[] = []

/**
 * The writes below the provider that the server refused, until they are made again (`retry`) or given
 * up (`dismiss`), each with its `key`, `action` and `error`. None on a server.
 *
 * @throws {StreamError} `invalid` where there is neither a provider nor a page with a server.
 *
 * @example
 * const failures = useFailures()
 * return <For each={failures()}>{(it) => <button onClick={it.retry}>{it.error.message}</button>}</For>
 */
export function useFailures(): Accessor<readonly KeyedFailure[]> {
  const failures = failuresOf(useStores('useFailures()'))
  return useObservable(() => failures, NONE)
}
