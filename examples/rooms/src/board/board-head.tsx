import { memo, type ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'
import type { Board } from './board.ts'
import { BoardStatus } from './board-status.tsx'
import { Totals } from './totals.tsx'
import { useTotals } from './use-totals.ts'

interface BoardHeadProps {
  board: Board
  status: StreamStatus
}

export const BoardHead = memo(function BoardHead({ board, status }: BoardHeadProps): ReactNode {
  const totals = useTotals(board)
  return (
    <>
      <BoardStatus board={board} status={status} totals={totals} />
      <Totals totals={totals} />
    </>
  )
})
