import { BasicIndex, type Collection, createCollection, type SyncConfig } from '@tanstack/db'
import type { CollectionDefinition } from '../definition.ts'
import { keyOf, type Row } from '../row.ts'
import { reportError } from '../report-error.ts'
import type { Table, TableChange } from './table.ts'
import type { WriteTransaction } from './writes.ts'

type RowChange = Pick<TableChange, 'key' | 'row'>
type Port = Parameters<SyncConfig<Row, string>['sync']>[0]

export type RowCollection = Collection<Row, string>

/** A TanStack DB collection that shows the published rows of a table. */
export interface SyncedCollection {
  readonly collection: RowCollection
  /** Keys that rows go by while they are updated, by the keys that they carry. */
  readonly aliases: Map<string, string>
  /** Hands changes over. They show when the function that comes back, if any, is called. */
  write: (changes: readonly RowChange[]) => (() => void) | undefined
  markReady: () => void
  markError: (error: Error) => void
}

export interface SyncedCollectionOptions {
  id: string
  definition: CollectionDefinition
  table: Table
  /** Called when someone first looks at the collection, or looks again after it was cleaned up. */
  onUse: () => void
  /** Makes events of the writes of a transaction that began in this collection; settles with it. */
  onWrite: WriteTransaction
}

export function createSyncedCollection(options: SyncedCollectionOptions): SyncedCollection {
  const { id, definition, table, onUse, onWrite } = options
  // Rows stay as the user's schema made them: a key that is no field of the row is kept beside it.
  const foreignKeys = new WeakMap<Row, string>()
  const aliases = new Map<string, string>()
  let port: Port | undefined
  let isReady = false

  function write(changes: readonly RowChange[]): (() => void) | undefined {
    if (!port || changes.length === 0) return undefined
    const { begin, commit } = port
    begin()
    for (const change of changes) {
      try {
        writeChange(port, change)
      } catch (error) {
        reportError(error)
      }
    }
    return () => void commit()
  }

  function writeChange(to: Port, { key, row }: RowChange): void {
    if (!row) return to.write({ type: 'delete', key })
    if (keyOf(row, definition.primaryKey) !== key) foreignKeys.set(row, key)
    // TanStack DB spreads each row into a copy of it. V8 gives each such copy a hidden class of its
    // own, at ten times the cost, unless the row is closed for more properties; V8 13 no longer does.
    if (Object.getPrototypeOf(row) === Object.prototype) Object.preventExtensions(row)
    // An update of an unknown key inserts it, and is never taken for a duplicate.
    to.write({ type: 'update', key, value: row } as Parameters<Port['write']>[0])
  }

  const collection = createCollection<Row, string>({
    id,
    getKey(row) {
      const own = keyOf(row, definition.primaryKey)!
      return foreignKeys.get(row) ?? aliases.get(own) ?? own
    },
    // Rows live as long as the database, however long nobody looks.
    gcTime: 0,
    autoIndex: 'eager',
    defaultIndexType: BasicIndex,
    onInsert: onWrite,
    onUpdate: onWrite,
    onDelete: onWrite,
    sync: {
      rowUpdateMode: 'full',
      sync(params) {
        port = params
        write([...table.published].map(([key, { row }]) => ({ key, row })))?.()
        if (isReady) params.markReady()
        onUse()
        return () => {
          port = undefined
        }
      },
    },
  })

  return {
    collection,
    aliases,
    write,
    markReady() {
      if (!isReady) port?.markReady()
      isReady = true
    },
    markError(error) {
      // What was ready stays readable: the status of the database says that it is no longer live.
      if (!isReady) port?.markError(error)
    },
  }
}
