import { count, sum } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import type { Board } from './board.ts'

export interface BoardTotals {
  packages: number
  dependencies: number
  commits: number
  /** Of all packages whose size is known. */
  bytes: number
}

export function useTotals({ collections }: Board): BoardTotals {
  const { data: packages } = useLiveQuery({
    queryKey: ['package totals', collections.packages.id],
    query: (q) =>
      q
        .from({ row: collections.packages })
        .select(({ row }) => ({ count: count(row.path), bytes: sum(row.bytes) }))
        .findOne(),
  })
  const { data: dependencies } = useLiveQuery({
    queryKey: ['dependency totals', collections.dependencies.id],
    query: (q) =>
      q
        .from({ edge: collections.dependencies })
        .select(({ edge }) => ({ count: count(edge.id) }))
        .findOne(),
  })
  const { data: commits } = useLiveQuery({
    queryKey: ['commit totals', collections.commits.id],
    query: (q) =>
      q
        .from({ commit: collections.commits })
        .select(({ commit }) => ({ count: count(commit.hash) }))
        .findOne(),
  })
  return {
    packages: packages?.count ?? 0,
    dependencies: dependencies?.count ?? 0,
    commits: commits?.count ?? 0,
    bytes: packages?.bytes ?? 0,
  }
}
