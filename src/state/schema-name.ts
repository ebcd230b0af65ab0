import type { StateDefinition } from './definition.ts'

/** Of the way in which rows are written down. */
const FORMAT = 1

/** Names what rows are made by: rows that another schema made are of no use. */
export function schemaName(schema: StateDefinition, version: string | number | undefined): string {
  const collections = Object.entries(schema).map(([name, { type, primaryKey }]) => [
    name,
    type,
    primaryKey,
  ])
  collections.sort(([one], [two]) => (one! < two! ? -1 : 1))
  return JSON.stringify([FORMAT, version ?? null, collections])
}
