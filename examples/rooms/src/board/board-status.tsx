import type { ReactNode } from 'react'
import { useReportStatus } from '../shell/connection.tsx'
import { wordFor } from '../shell/status-pill.tsx'
import { useObservable } from '../shell/use-observable.ts'
import type { Board } from './board.ts'
import { formatCount } from './format.ts'
import type { BoardTotals } from './use-totals.ts'

interface BoardStatusProps {
  board: Board
  totals: BoardTotals
}

/** Where the page stands in the board's stream. */
export function BoardStatus({ board, totals }: BoardStatusProps): ReactNode {
  const status = useObservable(board.status)
  useReportStatus(status)
  const rows = totals.packages + totals.dependencies + totals.commits
  return (
    <p className="board-status" role="status" aria-label="Board status">
      {wordFor(status)} · {formatCount(rows)} rows from {formatCount(board.counts.applied)} events
      {rows === 0 && status.kind === 'live' && (
        <>
          {' '}
          · Nothing here yet: run{' '}
          <code>node --import tsx examples/rooms/feed.ts {location.origin}/v1/stream</code>
        </>
      )}
    </p>
  )
}
