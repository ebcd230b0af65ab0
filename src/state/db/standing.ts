import type { SyncedCollections } from './collections.ts'
import type { RestoreOptions } from './restore-rows.ts'
import type { Router } from './router.ts'
import type { KeptPoint } from './row-records.ts'
import type { TableChange } from './table.ts'

/** What a database has come to, for those who bring rows along or keep them. */
export interface Standing extends RestoreOptions {
  readonly schemaVersion?: string | number
  readonly collections: SyncedCollections
  readonly router: Router
  /** After the last batch, if what was published is just what came in until there. */
  point: KeptPoint | undefined
  /** Has what comes in kept. */
  keeper: RowKeeper | undefined
  /** Shows the rows that were put into the tables: reading goes on from there. */
  goOnFrom: (point: KeptPoint) => void
}

/** Keeps the rows that show, together with their offset, and writes them in the background. */
export interface RowKeeper {
  /** Shows the rows of the last visit, unless what is there is just as new, and keeps the rest. */
  restore: (into: Standing) => Promise<void>
  /** Whether it is time to say what is {@link settled}, in the midst of a catch-up. */
  readonly isDue: boolean
  /** These rows show now, or no longer. */
  published: (type: string, changes: readonly TableChange[]) => void
  /** What shows is what the stream adds up to until here: no more, no less. */
  settled: (point: KeptPoint) => void
  /** All that was kept is void. */
  restarted: () => void
  /** Writes what is not yet written, and lets another tab have its turn. */
  close: () => Promise<void>
}
