import { eq } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import { useEffect, useRef, type ReactNode } from 'react'
import { hrefTo } from '../shell/route.ts'
import type { Board } from './board.ts'
import { EdgeList } from './edge-list.tsx'
import { formatBytes } from './format.ts'
import { useEdges } from './use-edges.ts'

interface PackageDetailProps {
  board: Board
  path: string
}

/** One package in full: what it is, what it asks for and what it gets, and who asks for it. */
export function PackageDetail({ board, path }: PackageDetailProps): ReactNode {
  const { packages } = board.collections
  const { data: found } = useLiveQuery({
    queryKey: ['package', packages.id, path],
    query: (q) =>
      q
        .from({ row: packages })
        .where(({ row }) => eq(row.path, path))
        .findOne(),
  })
  const { uses, usedBy } = useEdges(board, path)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
    return () => returnFocus(path)
  }, [path])
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

/** Back to the link that led here, unless the focus has gone elsewhere by itself. */
function returnFocus(path: string): void {
  if (document.activeElement !== document.body) return
  document.querySelector<HTMLElement>(`a[href="${hrefTo('board', path)}"]`)?.focus()
}
