import type { Batch, Position } from './batch.ts'

/** `true` picks SSE, and long-poll where SSE connections keep breaking. */
export type LiveMode = boolean | 'sse' | 'long-poll'

export type Transport = 'sse' | 'long-poll'

/**
 * Where a read is in its life.
 *
 *   catching-up ──up to date──▶ live ──stream closed──▶ ended
 *     │     ▲                     │
 *     │     └──connection failed──┘
 *     └──stream closed, or up to date and not live──▶ ended
 */
export type ReadState =
  | { phase: 'catching-up'; position: Position }
  | { phase: 'live'; position: Position }
  | { phase: 'ended'; position: Position }

export function afterBatch(state: ReadState, batch: Batch, live: boolean): ReadState {
  const position = batch.next
  if (batch.closed) return { phase: 'ended', position }
  if (state.phase === 'live') return { phase: 'live', position }
  if (!batch.upToDate) return { phase: 'catching-up', position }
  return { phase: live ? 'live' : 'ended', position }
}

/** A plain read tells at once whether the server is back; a long-poll would tell after its wait. */
export function afterFailure({ position }: ReadState): ReadState {
  return { phase: 'catching-up', position }
}
