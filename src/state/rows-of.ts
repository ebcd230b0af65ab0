import type { RowVersion } from './conditions.ts'
import type { StateSchema } from './schema.ts'

/** By this name a StreamDB has what {@link DatabaseRows} says, for those who put it into a page. */
export const ROWS: unique symbol = Symbol()

/** The confirmed rows of a StreamDB, and where in the stream they are from. */
export interface DatabaseRows {
  readonly schema: StateSchema
  readonly schemaVersion?: string | number
  /** Missing while a part of a batch is there. */
  readonly point: { readonly offset: string; readonly ordinal: number } | undefined
  readonly router: { readonly routes: ReadonlyMap<string, { readonly table: TypeRows }> }
}

interface TypeRows {
  readonly published: ReadonlyMap<string, { readonly input: unknown; readonly version: RowVersion }>
  /** Keys that a snapshot has named, where one is open. */
  readonly named: ReadonlySet<string> | undefined
}
