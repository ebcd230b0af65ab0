import type { Transaction } from '@tanstack/db'
import type { StreamError } from '../../core/errors.ts'
import type { ChangeEvent } from '../events.ts'
import type { StateSchema } from '../schema.ts'
import { getStreamDBCollectionId } from './collection-id.ts'
import { settle, touch } from './optimistic.ts'
import { createPublication } from './publication.ts'
import type { Target } from './replay.ts'
import { createSyncedCollection, type RowCollection } from './synced-collection.ts'
import { createTable, type Table, type TableChange } from './table.ts'
import { makeWritable } from './writable.ts'
import { createWrites, type WriteTransaction } from './writes.ts'

export interface SyncedCollectionsOptions {
  schema: StateSchema
  streamUrl: string
  /** Called when someone first looks at a collection. */
  onUse: () => void
  /** Writes the events of one transaction, as one; rejects when they will not come back. */
  append: (events: readonly ChangeEvent[], txid: string) => Promise<void>
  /** Txids that came with the rows that are to be published, and why their events are skipped. */
  staged: ReadonlyMap<string, StreamError | undefined>
}

/** All collections of a database, which change together. */
export interface SyncedCollections {
  readonly byName: Readonly<Record<string, RowCollection>>
  /** Where rows that come in are put, by the name of the collection. */
  readonly tables: ReadonlyMap<string, Table>
  /** Writes what a transaction did to any of them, as one append. */
  readonly mutationFn: WriteTransaction
  /** Keys that have come in since the last publication. */
  stagedCount: () => number
  /**
   * Shows all that has come in, in all collections as one.
   *
   * @param onChanges is told of it, by the name of the collection, before it shows.
   */
  publish: (onChanges?: (name: string, changes: readonly TableChange[]) => void) => void
  /** Has every collection follow its table, and not only those that someone looks at. */
  use: () => void
  markReady: () => void
  markError: (error: Error) => void
}

type Changes = readonly Pick<TableChange, 'key' | 'row'>[]

export function createCollections(options: SyncedCollectionsOptions): SyncedCollections {
  const { schema, streamUrl, onUse, append, staged } = options
  const publishTogether = createPublication(getStreamDBCollectionId(streamUrl, ''))
  const targets = new Map<unknown, Target>()
  const writes = createWrites({
    targets,
    append,
    // What has come in and does not show yet is not to be looked at.
    onRefused: () => show(() => [], new Map()),
  })
  const { mutationFn } = writes

  const members = Object.entries(schema).map(([name, definition]) => {
    const table = createTable()
    const id = getStreamDBCollectionId(streamUrl, name)
    const synced = createSyncedCollection({ id, definition, table, onUse, onWrite: mutationFn })
    const { collection } = synced
    const toEvent = makeWritable({ name, ...synced, helpers: definition, record: writes.record })
    targets.set(collection, { name, table, toEvent })
    return { name, table, ...synced }
  })

  function show(changesOf: (member: (typeof members)[number]) => Changes, seen: typeof staged) {
    const { settled, moved, send } = writes.rebase(seen)
    const touched = [...settled.keys(), ...moved]
    const commits = members.flatMap((member) => {
      const changes = changesOf(member)
      const others = confirmedBy(settled, member, changes)
      return member.write(others.length > 0 ? [...changes, ...others] : changes) ?? []
    })
    if (touched.length + commits.length === 0) return
    publishTogether([
      // Holds back what is committed to their collections, so that all shows in one change.
      () => touched.forEach((transaction) => transaction.setState('persisting')),
      ...commits,
      () => {
        for (const transaction of touched) transaction.setState('pending')
        for (const [transaction, cause] of settled) settle(transaction, cause)
        touch(touched)
      },
    ])
    send()
  }

  return {
    byName: Object.fromEntries(members.map(({ name, collection }) => [name, collection])),
    tables: new Map(members.map(({ name, table }) => [name, table])),
    mutationFn,
    stagedCount: () => members.reduce((sum, { table }) => sum + table.stagedCount, 0),
    publish(onChanges) {
      const changes = new Map(members.map((member) => [member, member.table.publish()]))
      for (const [{ name }, published] of changes) onChanges?.(name, published)
      show((member) => changes.get(member)!, staged)
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

/**
 * The confirmed rows of writes that are done and for which nothing came in, as when their row came
 * and went at once: TanStack DB shows what was written until it hears of its key.
 */
function confirmedBy(
  settled: ReadonlyMap<Transaction, unknown>,
  { collection, table }: { collection: RowCollection; table: Table },
  changes: Changes,
): Changes {
  const keys = new Set<string>()
  for (const [{ mutations }, cause] of settled) {
    if (cause !== undefined) continue
    for (const mutation of mutations) {
      if (mutation.collection === (collection as unknown)) keys.add(String(mutation.key))
    }
  }
  if (keys.size > 0) for (const { key } of changes) keys.delete(key)
  return [...keys].map((key) => ({ key, row: table.published.get(key)?.row }))
}
