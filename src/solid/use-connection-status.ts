import type { Accessor } from 'solid-js'
import { type ConnectionStatus, connectionOf } from '../state/store/overview.ts'
import { useStores } from './party-provider.ts'
import { useObservable } from './use-observable.ts'

/**
 * How the page is connected, over all streams of the provider: `idle`, `connecting`, `online`, or
 * `offline` with the time of the next try. `idle` on a server.
 *
 * @throws {StreamError} `invalid` where there is neither a provider nor a page with a server.
 *
 * @example
 * const connection = useConnectionStatus()
 * return <Show when={connection().kind === 'offline'}>You are offline</Show>
 */
export function useConnectionStatus(): Accessor<ConnectionStatus> {
  const connection = connectionOf(useStores('useConnectionStatus()'))
  return useObservable(() => connection, { kind: 'idle' })
}
