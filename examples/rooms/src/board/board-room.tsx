import { useMemo, useState, type ReactNode } from 'react'
import type { StreamStatus } from 'streamwell'
import { useStreamDB } from 'streamwell/react/db'
import { useReportStatus } from '../shell/connection.tsx'
import { Opening } from '../shell/opening.tsx'
import { PageHeading } from '../shell/page-heading.tsx'
import { BoardHead } from './board-head.tsx'
import { summarize, type Board } from './board.ts'
import { Commits } from './commits.tsx'
import { Licences } from './licences.tsx'
import { MostUsed } from './most-used.tsx'
import { PackageDetail } from './package-detail.tsx'
import { PackageTable } from './package-table.tsx'
import { BOARD_KEY, boardSchema } from './schema.ts'
import '../styles/board.css'
import '../styles/packages.css'

/** @param detail path of the package that is shown in full. */
export default function BoardRoom({ detail }: { detail: string }): ReactNode {
  const { db: board, isReady, status } = useStreamDB({ key: BOARD_KEY, state: boardSchema })
  useReportStatus(status)
  return (
    <>
      <PageHeading title="Board">
        This project itself: every package of its lock file, every dependency between them, and its
        history. It all arrives in one stream and is queried here, in the page.
      </PageHeading>
      {isReady ? (
        <BoardView board={board} status={status} detail={detail} />
      ) : (
        <Opening what="board" status={status} />
      )}
    </>
  )
}

interface BoardViewProps {
  board: Board
  status: StreamStatus
  detail: string
}

function BoardView({ board, status, detail }: BoardViewProps): ReactNode {
  const summaries = useMemo(() => summarize(board), [board])
  const [search, setSearch] = useState('')
  return (
    <>
      <BoardHead board={board} status={status} />
      <div className="board-layout">
        <PackageTable
          summaries={summaries}
          selected={detail}
          search={search}
          onSearch={setSearch}
        />
        {detail !== '' && <PackageDetail key={detail} board={board} path={detail} />}
        <div className="board-side">
          <MostUsed summaries={summaries} />
          <Licences summaries={summaries} onChoose={setSearch} />
          <Commits board={board} />
        </div>
      </div>
    </>
  )
}
