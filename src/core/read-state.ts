import type { Arrival } from './batch.ts'

/** `true` picks SSE, and long-poll where SSE does not work. */
export type LiveMode = boolean | 'sse' | 'long-poll'

export type Transport = 'sse' | 'long-poll'

/**
 * Where a read is in its life.
 *
 *   catching-up ──up to date──▶ live ──stream closed──▶ closed
 *     │ │   ▲                     │                       ▲
 *     │ │   └──connection failed──┘                       │
 *     │ └──stream closed──────────────────────────────────┘
 *     └──up to date, and not live──▶ idle
 *
 * After a failure a plain read tells at once whether the server is back; a long-poll would tell
 * after its wait.
 */
export type Phase = 'catching-up' | 'live' | 'idle' | 'closed'

export function phaseAfter(
  { upToDate, streamClosed }: Arrival,
  phase: Phase,
  live: LiveMode,
): Phase {
  if (streamClosed) return 'closed'
  if (!upToDate) return phase
  return live ? 'live' : 'idle'
}
