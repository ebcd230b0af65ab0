import type { Persistence } from '../persistence/persistence.ts'
import { guarded } from '../report-error.ts'
import type { StateSchema } from '../schema.ts'
import type { RowKeeper } from './standing.ts'

/** What a database keeps from one visit to the next, and where. */
export interface KeepingOptions {
  /**
   * Keeps the rows together with their offset: the next visit shows them before the network has
   * answered, and reads only what is new. Such as `indexedDBPersistence()`. Default: nothing is kept.
   */
  persistence?: Persistence
  /** What was kept under another version, or by another schema, is not used. */
  schemaVersion?: string | number
  /**
   * Sets apart what is kept of the same stream, such as the id of the user who is signed in: what one
   * user may see, the next one at this browser must not. Two databases of different schemas on one
   * stream need a scope each as well.
   */
  persistenceScope?: string
  /** Told of each failure to keep or to load. The database goes on without, and tries again. */
  onPersistenceError?: (error: unknown) => void
}

/** @returns nothing when nothing is to be kept, or nothing can be. */
export async function openKeeper(
  { persistence, schemaVersion, persistenceScope: scope, onPersistenceError }: KeepingOptions,
  schema: StateSchema,
  streamUrl: string,
): Promise<RowKeeper | undefined> {
  if (!persistence) return undefined
  const onError = guarded(onPersistenceError)
  try {
    const { openRowKeeper } = await import('./open-row-keeper.ts')
    return await openRowKeeper({ persistence, streamUrl, schema, schemaVersion, scope, onError })
  } catch (error) {
    onError(error)
    return undefined
  }
}
