import type { ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'
import { wordFor } from '../shell/status-words.ts'
import type { Board } from './board.ts'
import { formatCount } from './format.ts'
import type { BoardTotals } from './use-totals.ts'

interface BoardStatusProps {
  board: Board
  status: StreamStatus
  totals: BoardTotals
}

/** Where the page stands in the board's stream. */
export function BoardStatus({ board, status, totals }: BoardStatusProps): ReactNode {
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
