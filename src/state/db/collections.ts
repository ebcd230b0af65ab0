import type { Transaction } from '@tanstack/db'
import { randomId } from '../../core/random-id.ts'
import type { ChangeEvent } from '../events.ts'
import type { StateSchema } from '../schema.ts'
import { getStreamDBCollectionId } from './collection-id.ts'
import { settleWith } from './optimistic.ts'
import { createPublication } from './publication.ts'
import { createSyncedCollection, type RowCollection } from './synced-collection.ts'
import { createTable, type Table } from './table.ts'
import { makeWritable, type WritableCollection } from './writable.ts'

export interface SyncedCollectionsOptions {
  schema: StateSchema
  streamUrl: string
  /** Called when someone first looks at a collection. */
  onUse: () => void
  /** Writes the events of one transaction, as one; resolves when they have come back. */
  append: (events: readonly ChangeEvent[], txid: string) => Promise<void>
}

/** All collections of a database, which change together. */
export interface SyncedCollections {
  readonly byName: Readonly<Record<string, RowCollection>>
  /** Where rows that come in are put, by the name of the collection. */
  readonly tables: ReadonlyMap<string, Table>
  /** Keys that have come in since the last publication. */
  stagedCount: () => number
  /** Shows all that has come in, in all collections as one. */
  publish: () => void
  /** Has every collection follow its table, and not only those that someone looks at. */
  use: () => void
  markReady: () => void
  markError: (error: Error) => void
}

export function createCollections(options: SyncedCollectionsOptions): SyncedCollections {
  const { schema, streamUrl, onUse, append } = options
  const publishTogether = createPublication(getStreamDBCollectionId(streamUrl, ''))
  const writable = new Map<unknown, WritableCollection>()

  function onWrite(transaction: Transaction): Promise<void> {
    const txid = randomId()
    return settleWith(transaction, () => {
      const events = transaction.mutations.map((mutation) =>
        writable.get(mutation.collection)!.toEvent(mutation, txid),
      )
      return append(events, txid)
    })
  }

  const members = Object.entries(schema).map(([name, definition]) => {
    const table = createTable()
    const id = getStreamDBCollectionId(streamUrl, name)
    const synced = createSyncedCollection({ id, definition, table, onUse, onWrite })
    writable.set(synced.collection, makeWritable(name, synced.collection, definition))
    return { name, table, ...synced }
  })

  return {
    byName: Object.fromEntries(members.map(({ name, collection }) => [name, collection])),
    tables: new Map(members.map(({ name, table }) => [name, table])),
    stagedCount: () => members.reduce((sum, { table }) => sum + table.stagedCount, 0),
    publish() {
      const commits = members.flatMap(({ table, write }) => write(table.publish()) ?? [])
      if (commits.length > 0) publishTogether(commits)
    },
    use() {
      for (const { collection } of members) collection.startSyncImmediate()
    },
    markReady() {
      for (const member of members) member.markReady()
    },
    markError(error) {
      for (const member of members) member.markError(error)
    },
  }
}
