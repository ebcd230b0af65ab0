import type { ReactNode } from 'react'
import { useConnection } from './connection.tsx'

/** Says why the room that is shown no longer follows its stream, where waiting will not help. */
export function ConnectionNotice(): ReactNode {
  const status = useConnection()
  return (
    <div className="notices" role="alert">
      {status.kind === 'error' && (
        <p className="notice">This room has stopped: {status.error.message}</p>
      )}
    </div>
  )
}
