export { PartyProvider, type PartyProviderProps } from './party-provider.tsx'
export { useServerReducer } from './use-server-reducer.ts'
export { type ServerStateMeta, type SetServerState, useServerState } from './use-server-state.ts'
export type { Failure, Reducer } from '../state/store/index.ts'
