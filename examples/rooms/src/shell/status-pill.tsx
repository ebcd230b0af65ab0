import type { ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'

/** The connection in one word, with the cause at hand when there is one. */
export function StatusPill({ status }: { status: StreamStatus }): ReactNode {
  return (
    <p
      className="pill"
      data-kind={status.kind}
      role="status"
      aria-label="Connection"
      title={detailOf(status)}
    >
      <span className="pill-dot" aria-hidden="true" />
      {wordFor(status)}
    </p>
  )
}

export function wordFor(status: StreamStatus): string {
  switch (status.kind) {
    case 'idle':
      return 'Not connected'
    case 'connecting':
      return 'Connecting'
    case 'catching-up':
      return 'Catching up'
    case 'live':
      return 'Live'
    case 'offline':
      return 'Offline, trying again'
    case 'closed':
      return 'Closed'
    case 'error':
      return 'Stopped'
    default:
      return status satisfies never
  }
}

function detailOf(status: StreamStatus): string | undefined {
  if (status.kind === 'offline') return status.cause.message
  if (status.kind === 'error') return status.error.message
  return undefined
}
