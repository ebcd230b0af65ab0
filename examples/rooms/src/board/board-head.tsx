import { memo, type ReactNode } from 'react'
import type { Board } from './board.ts'
import { BoardStatus } from './board-status.tsx'
import { Totals } from './totals.tsx'
import { useTotals } from './use-totals.ts'

export const BoardHead = memo(function BoardHead({ board }: { board: Board }): ReactNode {
  const totals = useTotals(board)
  return (
    <>
      <BoardStatus board={board} totals={totals} />
      <Totals totals={totals} />
    </>
  )
})
