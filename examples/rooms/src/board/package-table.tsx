import { useDeferredValue, useState, type ReactNode } from 'react'
import type { Summaries, Summary } from './board.ts'
import { nextSort, type Sort } from './columns.ts'
import { formatCount } from './format.ts'
import { PackageRows } from './package-rows.tsx'
import { Pager } from './pager.tsx'
import { usePackages } from './use-packages.ts'

/** So many rows are in the page at once, however many there are. */
const PAGE_SIZE = 50

interface PackageTableProps {
  summaries: Summaries
  /** Path of the package that is shown in full. */
  selected: string
  search: string
  onSearch: (search: string) => void
}

export function PackageTable({
  summaries,
  selected,
  search,
  onSearch,
}: PackageTableProps): ReactNode {
  const [sort, setSort] = useState<Sort>({ column: 'dependents', direction: 'desc' })
  const [page, setPage] = useState(0)
  const packages = usePackages(summaries, useDeferredValue(search), sort)
  const pages = Math.max(1, Math.ceil(packages.length / PAGE_SIZE))
  const shownPage = Math.min(page, pages - 1)
  const rows: Summary[] = packages.slice(shownPage * PAGE_SIZE, (shownPage + 1) * PAGE_SIZE)

  return (
    <section className="packages card" aria-label="Packages">
      <div className="packages-head">
        <label className="visually-hidden" htmlFor="package-search">
          Search packages
        </label>
        <input
          id="package-search"
          type="search"
          className="field"
          placeholder="Search by name or licence"
          value={search}
          onChange={(event) => {
            onSearch(event.target.value)
            setPage(0)
          }}
        />
        <p role="status" aria-label="Packages found">
          {formatCount(packages.length)} found
        </p>
      </div>
      <PackageRows
        rows={rows}
        sort={sort}
        selected={selected}
        onSort={(column) => {
          setSort(nextSort(sort, column))
          setPage(0)
        }}
      />
      <Pager page={shownPage} pages={pages} onPage={setPage} />
    </section>
  )
}
