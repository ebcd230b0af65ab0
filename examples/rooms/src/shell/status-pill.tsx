import type { ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'
import { wordFor } from './status-words.ts'

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

function detailOf(status: StreamStatus): string | undefined {
  if (status.kind === 'offline') return status.cause.message
  if (status.kind === 'error') return status.error.message
  return undefined
}
