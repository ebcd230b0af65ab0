import type { ReactNode } from 'react'
import { StreamError } from 'streamwell'

/** A change that the server did not take. */
export interface Refusal {
  id: string
  /** What was refused, as the subject of a sentence. Default `Your change`. */
  what?: string
  error: Error
  retry: () => void
  dismiss: () => void
}

/** Says which changes were refused. They are not shown any more, but not lost either. */
export function Refusals({ failures }: { failures: readonly Refusal[] }): ReactNode {
  return (
    <div className="notices" role="alert">
      {failures.map(({ id, what = 'Your change', error, retry, dismiss }) => (
        <div key={id} className="notice">
          <p>
            {what} {outcome(error)}: {error.message}
          </p>
          <button type="button" onClick={retry}>
            Try again
          </button>
          <button type="button" onClick={dismiss}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  )
}

function outcome(error: Error): string {
  const code = error instanceof StreamError ? error.code : undefined
  if (code === 'disconnected') return 'did not reach the server'
  if (code === 'timeout') return 'was not confirmed in time'
  return 'was refused'
}
