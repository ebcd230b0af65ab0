import type { ReactNode } from 'react'

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
            {what} was refused: {error.message}
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
