import type { StandardSchemaV1 } from '@standard-schema/spec'

/** One kind of row: how it is validated, how its events are labelled, what tells its rows apart. */
export interface CollectionDefinition<Schema extends StandardSchemaV1 = StandardSchemaV1> {
  /** Any Standard Schema (zod, valibot, arktype, one written by hand) that answers at once. */
  schema: Schema
  /** `type` of its events in the stream. */
  type: string
  /** Field that holds the row's key, a string or a number. */
  primaryKey: string
}

export type StateDefinition = Readonly<Record<string, CollectionDefinition>>
