import type { ReactElement } from 'react'
import { useConnectionStatus, useServerState } from 'streamwell/react'
import { COFFEE_KEY } from '../keys.ts'
import { sayConnection } from '../say-connection.ts'

/** What the head of each page says: the cups so far, and whether the page is live. */
export function Signs(): ReactElement {
  const [cups] = useServerState(0, COFFEE_KEY)
  const { kind } = useConnectionStatus()
  return (
    <div className="signs">
      <span aria-label="Cups so far">☕ {cups}</span>
      <span role="status" aria-label="Connection" className="connection" data-kind={kind}>
        {sayConnection(kind)}
      </span>
    </div>
  )
}
