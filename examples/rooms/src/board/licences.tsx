import { count, sum } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import { memo, type ReactNode } from 'react'
import { Bars } from './bars.tsx'
import type { Summaries } from './board.ts'
import { formatBytes, formatCount } from './format.ts'

interface LicencesProps {
  summaries: Summaries
  onChoose: (licence: string) => void
}

/** How many packages, and how many bytes, come under which licence. */
export const Licences = memo(function Licences(props: LicencesProps): ReactNode {
  const { summaries, onChoose } = props
  const { data } = useLiveQuery({
    queryKey: ['licences', summaries.id],
    query: (q) =>
      q
        .from({ row: summaries })
        .groupBy(({ row }) => row.licence)
        .select(({ row }) => ({
          licence: row.licence,
          packages: count(row.path),
          bytes: sum(row.bytes),
        }))
        .orderBy(({ $selected }) => $selected.packages, 'desc'),
  })
  const bars = data.map(({ licence, packages, bytes }) => ({
    key: licence ?? '',
    label:
      licence === null ? (
        <span>Not given</span>
      ) : (
        <button type="button" onClick={() => onChoose(licence)}>
          {licence}
        </button>
      ),
    value: packages,
    caption: `${formatCount(packages)} · ${formatBytes(bytes)}`,
  }))
  return (
    <section className="side-card card" aria-labelledby="licences-title">
      <h2 id="licences-title">Licences</h2>
      <Bars bars={bars} />
    </section>
  )
})
