import type { ChangeEvent } from '../events.ts'
import type { StateSchema } from '../schema.ts'
import { getStreamDBCollectionId } from './collection-id.ts'
import { createHolding, type Holding } from './holding.ts'
import { createPublication } from './publication.ts'
import type { Target } from './replay.ts'
import { createSyncedCollection, type RowCollection } from './synced-collection.ts'
import { createTable, type Table, type TableChange } from './table.ts'
import { makeWritable } from './writable.ts'
import { createWrites, type Seen, type WriteTransaction } from './writes.ts'

export interface SyncedCollectionsOptions {
  schema: StateSchema
  /** What tells the database apart from others: begins the ids of collections. */
  id: string
  /** Called when someone first looks at a collection. */
  onUse: () => void
  /** Writes the events of one transaction, as one; rejects when they will not come back. */
  append: (events: readonly ChangeEvent[], txid: string) => Promise<void>
  /** Txids that came with the rows that are to be published, and why their events are skipped. */
  staged: Seen
}

/** All collections of a database, which change together. */
export interface SyncedCollections {
  readonly byName: Readonly<Record<string, RowCollection>>
  /** Where rows that come in are put, by the name of the collection. */
  readonly tables: ReadonlyMap<string, Table>
  /** Writes what a transaction did to any of them, as one append. */
  readonly mutationFn: WriteTransaction
  /** Whether so much has come in that it should be published, in the midst of a catch-up. */
  isFull: () => boolean
  /**
   * Shows all that has come in, in all collections as one.
   *
   * @param onChanges is told of it, by the name of the collection, before it shows.
   */
  publish: (onChanges?: (name: string, changes: readonly TableChange[]) => void) => void
  /** The rows of the first catch-up wait for its end while nobody looks. */
  readonly holding: Pick<Holding, 'isHolding' | 'reveal'>
  /** Has every collection follow its table, and not only those that someone looks at. */
  use: () => void
  markReady: () => void
  markError: (error: Error) => void
}

/** Keys that come in before they are published, during a catch-up. */
const STAGED_KEYS = 2_000
/** So many more for each row that is there, since TanStack DB sorts them all with each publication. */
const STAGED_SHARE = 1 / 16

type Changes = readonly Pick<TableChange, 'key' | 'row'>[]

export function createCollections(options: SyncedCollectionsOptions): SyncedCollections {
  const { schema, onUse, append, staged } = options
  const publishTogether = createPublication(getStreamDBCollectionId(options.id, ''))
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
    const id = getStreamDBCollectionId(options.id, name)
    const synced = createSyncedCollection({ id, definition, table, onUse, onWrite: mutationFn })
    const { collection } = synced
    const toEvent = makeWritable({ name, ...synced, helpers: definition, record: writes.record })
    targets.set(collection, { name, table, toEvent })
    return { name, table, ...synced }
  })

  function show(changesOf: (member: (typeof members)[number]) => Changes, seen: Seen) {
    const { touched, send } = writes.rebase(seen)
    const commits = members.flatMap((member) => {
      const { collection, table, write } = member
      // TanStack DB looks again at the rows of a write when it hears of their keys.
      const rows = touched
        .filter((mutation) => mutation.collection === (collection as unknown))
        .map(({ key }) => ({ key: String(key), row: table.published.get(String(key))?.row }))
      return write(rows.length > 0 ? [...changesOf(member), ...rows] : changesOf(member)) ?? []
    })
    if (commits.length > 0) publishTogether(commits)
    send()
  }

  const holding = createHolding(members, (rowsOf) => show(rowsOf, staged))

  return {
    byName: Object.fromEntries(members.map(({ name, collection }) => [name, collection])),
    tables: new Map(members.map(({ name, table }) => [name, table])),
    mutationFn,
    holding,
    isFull() {
      const sum = (count: (table: Table) => number): number =>
        members.reduce((total, { table }) => total + count(table), 0)
      return (
        sum((table) => table.stagedCount) >=
        STAGED_KEYS + STAGED_SHARE * sum((table) => table.published.size)
      )
    },
    publish(onChanges) {
      const changes = new Map(members.map((member) => [member, member.table.publish()]))
      for (const [{ name }, published] of changes) onChanges?.(name, published)
      if (holding.hold() || holding.release()) return
      show((member) => changes.get(member)!, staged)
    },
    use() {
      for (const { collection } of members) collection.startSyncImmediate()
    },
    markReady() {
      holding.end()
      for (const member of members) member.markReady()
    },
    markError(error) {
      for (const member of members) member.markError(error)
    },
  }
}
