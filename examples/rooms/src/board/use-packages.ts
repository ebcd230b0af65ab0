import { ilike, or } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import type { Summaries, Summary } from './board.ts'
import type { Sort } from './columns.ts'

/** The packages whose name or licence has `search` in it, sorted. Unknown values come last. */
export function usePackages(summaries: Summaries, search: string, sort: Sort): Summary[] {
  const pattern = `%${search.trim()}%`
  const { data } = useLiveQuery({
    queryKey: ['packages', summaries.id, pattern, sort],
    query: (q) =>
      q
        .from({ row: summaries })
        .where(({ row }) => or(ilike(row.name, pattern), ilike(row.licence, pattern)))
        .orderBy(({ row }) => row[sort.column], { direction: sort.direction, nulls: 'last' })
        .orderBy(({ row }) => row.path),
  })
  return data
}
