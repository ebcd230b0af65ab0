import { type ConnectionStatus, connectionOf } from '../state/store/overview.ts'
import { useOverview } from './use-overview.ts'

const IDLE: ConnectionStatus = { kind: 'idle' }

/**
 * How the streams of the provider are connected, all together: `offline` while one of them is away,
 * with the time of its next try.
 *
 * @example
 * const { kind } = useConnectionStatus()
 * return kind === 'offline' ? <p>Your changes are sent when you are back.</p> : null
 */
export function useConnectionStatus(): ConnectionStatus {
  return useOverview('useConnectionStatus()', connectionOf, IDLE)
}
