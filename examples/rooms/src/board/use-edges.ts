import { eq } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import type { Board } from './board.ts'
import type { DependencyRow } from './schema.ts'

/** A dependency, joined to the package at its other end. */
export interface Edge {
  id: string
  kind: DependencyRow['kind']
  range: string
  /** The other package; its path is undefined where none is installed. */
  path: string | undefined
  name: string
  version: string | undefined
}

/** What the package at `path` asks for, and who asks for it. */
export function useEdges({ collections }: Board, path: string): { uses: Edge[]; usedBy: Edge[] } {
  const { packages, dependencies } = collections
  const { data: uses } = useLiveQuery({
    queryKey: ['uses', dependencies.id, path],
    query: (q) =>
      q
        .from({ edge: dependencies })
        .where(({ edge }) => eq(edge.from, path))
        .leftJoin({ other: packages }, ({ edge, other }) => eq(edge.to, other.path))
        .orderBy(({ edge }) => edge.id)
        .select(({ edge, other }) => ({
          id: edge.id,
          kind: edge.kind,
          range: edge.range,
          name: edge.name,
          path: other?.path,
          version: other?.version,
        })),
  })
  const { data: usedBy } = useLiveQuery({
    queryKey: ['used by', dependencies.id, path],
    query: (q) =>
      q
        .from({ edge: dependencies })
        .where(({ edge }) => eq(edge.to, path))
        .innerJoin({ other: packages }, ({ edge, other }) => eq(edge.from, other.path))
        .orderBy(({ other }) => other.name)
        .orderBy(({ edge }) => edge.id)
        .select(({ edge, other }) => ({
          id: edge.id,
          kind: edge.kind,
          range: edge.range,
          name: other.name,
          path: other.path,
          version: other.version,
        })),
  })
  return { uses, usedBy }
}
