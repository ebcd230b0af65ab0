import { useCallback } from 'react'
import type { Observable } from '../core/observable.ts'
import type { StreamStatus } from '../core/status.ts'
import { statusOf } from '../state/store/overview.ts'
import type { Stores } from '../state/store/stores.ts'
import { useOverview } from './use-overview.ts'

const IDLE: StreamStatus = { kind: 'idle' }

/**
 * How the stream of a key is connected, for components that do not show its state: they open none.
 *
 * @param key as a hook of the same provider uses it; while none does, the status is `idle`.
 */
export function useStreamStatus(key: string): StreamStatus {
  const sum = useCallback(
    (stores: Stores): Observable<StreamStatus> => statusOf(stores, key),
    [key],
  )
  return useOverview(`useStreamStatus("${key}")`, sum, IDLE)
}
