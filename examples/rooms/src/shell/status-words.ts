import type { StreamStatus } from 'streamwell'

/** A status as people read it. */
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
