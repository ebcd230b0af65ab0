import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'

interface Connection {
  status: StreamStatus
  report: (status: StreamStatus) => void
}

const IDLE: StreamStatus = { kind: 'idle' }
const ConnectionContext = createContext<Connection>({ status: IDLE, report: () => {} })

/** Carries the status of the stream that is shown up to the header. */
export function ConnectionProvider({ children }: { children: ReactNode }): ReactNode {
  const [status, report] = useState(IDLE)
  return <ConnectionContext value={{ status, report }}>{children}</ConnectionContext>
}

export function useConnection(): StreamStatus {
  return useContext(ConnectionContext).status
}

/** Shows `status` in the header for as long as the calling room is shown. */
export function useReportStatus(status: StreamStatus): void {
  const { report } = useContext(ConnectionContext)
  useEffect(() => report(status), [report, status])
  useEffect(() => () => report(IDLE), [report])
}
