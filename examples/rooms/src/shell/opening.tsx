import type { ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'
import { wordFor } from './status-words.ts'

/** Stands in for what a room shows until all that its stream held is there. */
export function Opening({ what, status }: { what: string; status: StreamStatus }): ReactNode {
  if (status.kind === 'error') return null
  const word = status.kind === 'idle' ? 'Connecting' : wordFor(status)
  return (
    <p className="loading">
      Opening the {what}: {word.toLowerCase()}…
    </p>
  )
}
