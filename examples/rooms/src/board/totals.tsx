import type { ReactNode } from 'react'
import { formatBytes, formatCount } from './format.ts'
import type { BoardTotals } from './use-totals.ts'

export function Totals({ totals }: { totals: BoardTotals }): ReactNode {
  const { packages, dependencies, commits, bytes } = totals
  return (
    <dl className="totals" aria-label="Totals">
      <Total label="Packages" value={formatCount(packages)} />
      <Total label="Dependencies" value={formatCount(dependencies)} />
      <Total label="Installed size" value={formatBytes(bytes)} />
      <Total label="Commits" value={formatCount(commits)} />
    </dl>
  )
}

function Total({ label, value }: { label: string; value: string }): ReactNode {
  return (
    <div className="total card">
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}
