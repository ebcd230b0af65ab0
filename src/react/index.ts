'use client'

export { HydrationBoundary, type HydrationBoundaryProps } from './hydration-boundary.tsx'
export { PartyProvider, type PartyProviderProps } from './party-provider.tsx'
export { useConnectionStatus } from './use-connection-status.ts'
export { useFailures } from './use-failures.ts'
export { useServerReducer } from './use-server-reducer.ts'
export { useServerReducerSuspense } from './use-server-reducer-suspense.ts'
export {
  type ServerStateMeta,
  type ServerStateOptions,
  type SetServerState,
  useServerState,
} from './use-server-state.ts'
export { useServerStateSuspense } from './use-server-state-suspense.ts'
export { useStreamStatus } from './use-stream-status.ts'
export type { HydrationData } from '../state/hydration.ts'
export type { Failure, Reducer } from '../state/store/index.ts'
export type { ConnectionStatus, KeyedFailure } from '../state/store/overview.ts'
