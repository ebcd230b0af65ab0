import { useLiveQuery } from '@tanstack/react-db'
import { memo, type ReactNode } from 'react'
import { hrefTo } from '../shell/route.ts'
import { Bars } from './bars.tsx'
import type { Summaries } from './board.ts'

const SHOWN = 10

interface MostUsedProps {
  summaries: Summaries
}

export const MostUsed = memo(function MostUsed({ summaries }: MostUsedProps): ReactNode {
  const { data } = useLiveQuery({
    queryKey: ['most used', summaries.id],
    query: (q) =>
      q
        .from({ row: summaries })
        .orderBy(({ row }) => row.dependents, 'desc')
        .orderBy(({ row }) => row.path),
  })
  const bars = data
    .slice(0, SHOWN)
    .filter(({ dependents }) => dependents > 0)
    .map(({ path, name, version, dependents }) => ({
      key: path,
      label: (
        <a href={hrefTo('board', path)}>
          {name} <small>{version}</small>
        </a>
      ),
      value: dependents,
      caption: String(dependents),
    }))
  return (
    <section className="side-card card" aria-labelledby="most-used-title">
      <h2 id="most-used-title">Most depended-on</h2>
      <Bars bars={bars} />
    </section>
  )
})
