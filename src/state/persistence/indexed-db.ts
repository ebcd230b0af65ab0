import type { DBSchema, IDBPDatabase, IDBPTransaction } from 'idb'
import { StreamError } from '../../core/errors.ts'
import { guarded } from '../report-error.ts'
import { createFallbackJournal } from './fallback-journal.ts'
import { createLeaseLocks, type Lease } from './lease-locks.ts'
import { memoryPersistence } from './memory.ts'
import type { Journal, Persistence } from './persistence.ts'
import { createWebLocks } from './web-locks.ts'

/** A browser that does not even say no within this time, in milliseconds, has nothing to keep in. */
const OPENING_MS = 3_000

interface Tables extends DBSchema {
  /** By journal and sequence. */
  records: { key: [string, number]; value: string }
  leases: { key: string; value: Lease }
}
type Table = 'records' | 'leases'

export interface IndexedDBOptions {
  /** Name of the database. Give each user of a shared browser one of their own. Default `streamwell`. */
  databaseName?: string
  /**
   * Told once, with code `unavailable`, when nothing more can be kept: no IndexedDB, private mode, no
   * room. From then on memory takes its place, and what is written lasts as long as the page.
   */
  onDegrade?: (error: StreamError) => void
}

/**
 * Keeps journals in IndexedDB, from one visit to the next. Locks hold among all tabs of the origin:
 * Web Locks, or leases in the database where a page has none since it did not come over HTTPS.
 */
export function indexedDBPersistence(options: IndexedDBOptions = {}): Persistence {
  const { databaseName = 'streamwell' } = options
  const onDegrade = guarded(options.onDegrade)
  const memory = memoryPersistence()
  const refused = new Map<string, readonly string[]>()
  const database = createConnection(databaseName)
  let isTold = false

  function degrade(cause: unknown): void {
    if (isTold) return
    isTold = true
    const message = `IndexedDB "${databaseName}" keeps nothing (${String(cause)}): going on in memory`
    onDegrade(new StreamError('unavailable', message, { cause }))
  }

  /** The database, or else memory. */
  async function whereItWorks<Result>(
    onDisk: () => Promise<Result> | Result,
    inMemory: () => Promise<Result>,
  ): Promise<Result> {
    try {
      await database.connect()
    } catch (error) {
      degrade(error)
      return inMemory()
    }
    return onDisk()
  }

  const lockTabs =
    createWebLocks(`streamwell:${databaseName}:`) ?? createLeaseLocks(leasesIn(database))

  return {
    open: (name) =>
      whereItWorks(
        () =>
          createFallbackJournal(name, {
            disk: openJournal(database, name),
            refused,
            onRefused: degrade,
          }),
        () => memory.open(name),
      ),
    list: (prefix) =>
      whereItWorks(
        async () => {
          const names = new Set(await namesIn(database))
          for (const [name, records] of refused) names[records.length > 0 ? 'add' : 'delete'](name)
          return [...names].filter((name) => name.startsWith(prefix))
        },
        () => memory.list(prefix),
      ),
    lock: (name, how) =>
      whereItWorks(
        () => lockTabs(name, how),
        () => memory.lock(name, how),
      ),
  }
}

interface Connection {
  connect: () => Promise<unknown>
  /** Gives a transaction: at once when the database is open, since a page that is closed has no later. */
  begin: <Name extends Table>(
    table: Name,
    act: (tx: IDBPTransaction<Tables, [Name], 'readwrite'>) => Promise<void>,
  ) => Promise<void>
}

/** A database that is opened when it is needed, and again when the browser closed it. */
function createConnection(name: string): Connection {
  let opening: Promise<IDBPDatabase<Tables>> | undefined
  let open: IDBPDatabase<Tables> | undefined
  let refusal: { error: unknown } | undefined

  async function connect(): Promise<IDBPDatabase<Tables>> {
    if (refusal) throw refusal.error
    opening ??= openDatabase(name, () => (open = opening = undefined))
    try {
      return (open = await opening)
    } catch (error) {
      refusal = { error }
      throw error
    }
  }

  return {
    connect,
    async begin(table, act) {
      const tx = (open ?? (await connect())).transaction(table, 'readwrite')
      try {
        await act(tx)
        await tx.done
      } catch (error) {
        await tx.done.catch(() => {})
        throw error
      }
    },
  }
}

async function openDatabase(name: string, onGone: () => void): Promise<IDBPDatabase<Tables>> {
  // Not before: a bundler cannot tell that a page that keeps nothing does not need it.
  const { openDB } = await import('idb')
  return new Promise((resolve, reject) => {
    const refuse = (reason: string): void => reject(new Error(reason))
    const timer = setTimeout(refuse, OPENING_MS, `no answer within ${OPENING_MS} ms`)
    // Where there is none, it throws.
    const opening = Promise.resolve().then(() =>
      openDB<Tables>(name, 1, {
        upgrade(db) {
          db.createObjectStore('records')
          db.createObjectStore('leases')
        },
        blocked: () => refuse('another page blocks it'),
        // Whoever deletes the database must not have to wait for this page.
        blocking: (_from, _to, event) => {
          onGone()
          ;(event.target as IDBDatabase).close()
        },
        terminated: onGone,
      }),
    )
    void opening.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

function openJournal({ begin }: Connection, name: string): Journal {
  const all = (): IDBKeyRange => IDBKeyRange.bound([name, 0], [name, Infinity])
  /** Sequence of the next record, once it is known. */
  let next: number | undefined

  async function read(): Promise<readonly string[]> {
    let records: readonly string[] = []
    await begin('records', async ({ store }) => {
      const [values, last] = await Promise.all([
        store.getAll(all()),
        store.openKeyCursor(all(), 'prev'),
      ])
      records = values
      next = last ? last.key[1] + 1 : 0
    })
    return records
  }

  function write(records: readonly string[], first: number, isAll: boolean): Promise<void> {
    return begin('records', async (tx) => {
      const requests: Promise<unknown>[] = isAll ? [tx.store.delete(all())] : []
      for (const [i, record] of records.entries()) {
        requests.push(tx.store.add(record, [name, first + i]))
      }
      // What is not committed when a page is closed is undone.
      tx.commit()
      // Until it is through, whatever is there may be.
      next = undefined
      await Promise.all(requests)
      next = first + records.length
    })
  }

  return {
    read,
    async append(records) {
      if (next === undefined) await read()
      await write(records, next!, false)
    },
    replace: (records) => write(records, 0, true),
    close: async () => {},
  }
}

async function namesIn({ begin }: Connection): Promise<string[]> {
  const names: string[] = []
  await begin('records', async ({ store }) => {
    let cursor = await store.openKeyCursor()
    while (cursor) {
      const [name] = cursor.key
      names.push(name)
      cursor = await cursor.continue([name, Infinity])
    }
  })
  return names
}

function leasesIn({ begin }: Connection): Parameters<typeof createLeaseLocks>[0] {
  return {
    update: (name, decide) =>
      begin('leases', async ({ store }) => {
        const next = decide(await store.get(name))
        if (next) await store.put(next, name)
      }),
    remove: (name) =>
      begin('leases', async (tx) => {
        const removal = tx.store.delete(name)
        tx.commit()
        await removal
      }),
  }
}
