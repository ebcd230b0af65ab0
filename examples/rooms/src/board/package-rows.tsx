import type { ReactNode } from 'react'
import { hrefTo } from '../shell/route.ts'
import type { Summary } from './board.ts'
import { COLUMNS, type Sort, type SortColumn } from './columns.ts'

interface PackageRowsProps {
  rows: readonly Summary[]
  sort: Sort
  selected: string
  onSort: (column: SortColumn) => void
}

export function PackageRows({ rows, sort, selected, onSort }: PackageRowsProps): ReactNode {
  return (
    <div className="table-scroll">
      <table>
        <caption className="visually-hidden">Packages of this project</caption>
        <thead>
          <tr>
            {COLUMNS.map(({ column, label, isNumber }) => (
              <th
                key={column}
                scope="col"
                data-number={isNumber}
                aria-sort={ariaSort(sort, column)}
              >
                <button type="button" onClick={() => onSort(column)}>
                  {label}
                  <span aria-hidden="true">{arrow(sort, column)}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path} data-selected={row.path === selected}>
              {COLUMNS.map(({ column, isNumber, text }) =>
                column === 'name' ? (
                  <th key={column} scope="row">
                    <a
                      href={hrefTo('board', row.path)}
                      title={row.path}
                      aria-current={row.path === selected}
                    >
                      {text(row)}
                    </a>
                  </th>
                ) : (
                  <td key={column} data-number={isNumber}>
                    {text(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ariaSort(sort: Sort, column: SortColumn): 'ascending' | 'descending' | 'none' {
  if (sort.column !== column) return 'none'
  return sort.direction === 'asc' ? 'ascending' : 'descending'
}

function arrow(sort: Sort, column: SortColumn): string {
  if (sort.column !== column) return ''
  return sort.direction === 'asc' ? ' ↑' : ' ↓'
}
