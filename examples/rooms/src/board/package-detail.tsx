import { eq } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import { useEffect, useRef, type ReactNode } from 'react'
import { hrefTo } from '../shell/route.ts'
import type { Board, Summaries } from './board.ts'
import { EdgeList } from './edge-list.tsx'
import { formatBytes } from './format.ts'
import { useEdges } from './use-edges.ts'

interface PackageDetailProps {
  board: Board
  summaries: Summaries
  path: string
}

/** One package in full: what it is, what it asks for and what it gets, and who asks for it. */
export function PackageDetail({ board, summaries, path }: PackageDetailProps): ReactNode {
  const { data: found } = useLiveQuery({
    queryKey: ['package', summaries.id, path],
    query: (q) =>
      q
        .from({ row: summaries })
        .where(({ row }) => eq(row.path, path))
        .findOne(),
  })
  const { uses, usedBy } = useEdges(board, path)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className="side-card detail card" aria-labelledby="detail-title">
      <div className="detail-head">
        <h2 id="detail-title" ref={heading} tabIndex={-1}>
          {found ? `${found.name} ${found.version}` : path}
        </h2>
        <a className="quiet-button" href={hrefTo('board')} aria-label="Close package">
          Close
        </a>
      </div>
      {found ? (
        <p className="detail-facts">
          {found.licence ?? 'No licence given'} ·{' '}
          {found.bytes === null ? 'not installed here' : formatBytes(found.bytes)}
          {found.dev && ' · for development'}
          {found.optional && ' · optional'}
        </p>
      ) : (
        <p className="detail-facts">No such package on the board.</p>
      )}
      <EdgeList title="Depends on" edges={uses} />
      <EdgeList title="Used by" edges={usedBy} />
    </section>
  )
}
