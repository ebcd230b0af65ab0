import { coalesce, count, createLiveQueryCollection, eq, isNull, not } from '@tanstack/db'
import { createStreamDB } from 'streamwell/state'
import { BOARD_KEY, boardSchema, type PackageRow } from './schema.ts'

export type Board = ReturnType<typeof openBoard>

/** The project as a database that follows its stream, for what is no component. */
export function openBoard(serverUrl: string) {
  return createStreamDB({
    streamOptions: { url: `${serverUrl}/${BOARD_KEY}` },
    state: boardSchema,
  })
}

/** A package and its place among the others. */
export interface Summary extends PackageRow {
  /** How many ask for it. */
  dependents: number
  /** How many it asks for. */
  dependencies: number
}

export type Summaries = ReturnType<typeof summarize>

/**
 * Every package with how many ask for it and how many it asks for: edges grouped from both ends and
 * joined to the packages. A collection of its own, kept up to date by difference, for other queries
 * to build on.
 */
export function summarize({ collections: { packages, dependencies } }: Board) {
  return createLiveQueryCollection((q) => {
    const asked = q
      .from({ edge: dependencies })
      .where(({ edge }) => not(isNull(edge.to)))
      .groupBy(({ edge }) => edge.to)
      .select(({ edge }) => ({ path: edge.to, edges: count(edge.id) }))
    const asks = q
      .from({ edge: dependencies })
      .groupBy(({ edge }) => edge.from)
      .select(({ edge }) => ({ path: edge.from, edges: count(edge.id) }))
    return q
      .from({ row: packages })
      .leftJoin({ asked }, ({ row, asked }) => eq(row.path, asked.path))
      .leftJoin({ asks }, ({ row, asks }) => eq(row.path, asks.path))
      .select(({ row, asked, asks }) => ({
        path: row.path,
        name: row.name,
        version: row.version,
        licence: row.licence,
        bytes: row.bytes,
        dev: row.dev,
        optional: row.optional,
        dependents: coalesce(asked?.edges, 0),
        dependencies: coalesce(asks?.edges, 0),
      }))
  })
}
