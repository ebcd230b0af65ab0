import type { ReactNode } from 'react'

/** How many changes of this tab are shown but not yet confirmed by the server. */
export function PendingLine({ pending }: { pending: number }): ReactNode {
  return (
    <p className="pending-line" role="status" aria-label="Unsaved changes">
      {pending === 0
        ? 'Saved for everyone'
        : `${pending} ${pending === 1 ? 'change' : 'changes'} on the way`}
    </p>
  )
}
