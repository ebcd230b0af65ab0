import { formatBytes, formatCount } from './format.ts'
import type { Summary } from './board.ts'

export type SortColumn = 'name' | 'version' | 'licence' | 'bytes' | 'dependents' | 'dependencies'
export type Direction = 'asc' | 'desc'

export interface Sort {
  column: SortColumn
  direction: Direction
}

export interface Column {
  column: SortColumn
  label: string
  isNumber: boolean
  text: (row: Summary) => string
}

export const COLUMNS: readonly Column[] = [
  { column: 'name', label: 'Package', isNumber: false, text: ({ name }) => name },
  { column: 'version', label: 'Version', isNumber: false, text: ({ version }) => version },
  { column: 'licence', label: 'Licence', isNumber: false, text: ({ licence }) => licence ?? '–' },
  {
    column: 'bytes',
    label: 'Size',
    isNumber: true,
    text: ({ bytes }) => (bytes === null ? '–' : formatBytes(bytes)),
  },
  {
    column: 'dependents',
    label: 'Used by',
    isNumber: true,
    text: ({ dependents }) => formatCount(dependents),
  },
  {
    column: 'dependencies',
    label: 'Uses',
    isNumber: true,
    text: ({ dependencies }) => formatCount(dependencies),
  },
]

/** What a click on a column's heading asks for: the other direction, or the column's natural one. */
export function nextSort(current: Sort, column: SortColumn): Sort {
  if (current.column === column) {
    return { column, direction: current.direction === 'asc' ? 'desc' : 'asc' }
  }
  const isNumber = COLUMNS.some((one) => one.column === column && one.isNumber)
  return { column, direction: isNumber ? 'desc' : 'asc' }
}
