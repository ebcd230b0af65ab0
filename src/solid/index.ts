export { HydrationBoundary, type HydrationBoundaryProps } from './hydration-boundary.ts'
export { PartyProvider, type PartyProviderProps } from './party-provider.ts'
export type { ServerStateMeta } from './server-state-meta.ts'
export {
  serverAtom,
  type ServerAtom,
  type ServerAtomOptions,
  type ServerAtomUpdate,
} from './server-atom.ts'
export { useConnectionStatus } from './use-connection-status.ts'
export { useFailures } from './use-failures.ts'
export { type PresenceView, usePresence } from './use-presence.ts'
export { useServerAtom } from './use-server-atom.ts'
export { useServerReducer } from './use-server-reducer.ts'
export { useServerReducerSuspense } from './use-server-reducer-suspense.ts'
export { type ServerStateOptions, type SetServerState, useServerState } from './use-server-state.ts'
export { useServerStateSuspense } from './use-server-state-suspense.ts'
export type { MeOf } from './use-shared-presence.ts'
export type { Key } from './use-shared-store.ts'
export { useStreamStatus } from './use-stream-status.ts'
export { type StreamTextView, useStreamText } from './use-stream-text.ts'
export { type TypingView, useTyping } from './use-typing.ts'
export type { HydrationData } from '../state/hydration.ts'
export type { Person, PresenceOptions } from '../state/presence/index.ts'
export type { TypingOptions } from '../state/presence/presence-of-hook.ts'
export type { ConnectionStatus, KeyedFailure } from '../state/store/overview.ts'
export type { Failure, Reducer } from '../state/store/index.ts'
export type { StreamTextOptions } from '../state/stream-text/index.ts'
