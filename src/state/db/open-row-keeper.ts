import { asStreamError } from '../../core/errors.ts'
import type { Journal, Persistence } from '../persistence/persistence.ts'
import { schemaName } from '../schema-name.ts'
import type { StateSchema } from '../schema.ts'
import { journalName } from './row-journal-name.ts'
import { createRowKeeper } from './row-keeper.ts'
import type { RowKeeper } from './standing.ts'
import { type Fold, foldRecords } from './row-records.ts'
import { inSlices } from './slices.ts'

export interface KeptRowsOptions {
  persistence: Persistence
  streamUrl: string
  schema: StateSchema
  schemaVersion: string | number | undefined
  /** Sets apart what different users keep of one stream. */
  scope: string | undefined
  onError: (error: unknown) => void
}

/**
 * Finds what the last visit kept, and keeps on from there.
 *
 * @throws what makes keeping impossible.
 */
export async function openRowKeeper(options: KeptRowsOptions): Promise<RowKeeper> {
  const { persistence, schema, schemaVersion, streamUrl, scope, onError } = options
  const name = journalName(streamUrl, scope)
  const made = schemaName(schema, schemaVersion)
  const journal = await persistence.open(name)
  // Before reading: nobody else can write in between, so that adding to what was read is enough.
  const release = await persistence.lock(name, { wait: false })
  const fold = await load(journal, made, onError)
  return createRowKeeper({
    journal,
    schemaName: made,
    fold,
    release,
    waitForTurn: (signal) => persistence.lock(name, { wait: true, signal }),
    onError,
  })
}

async function load(
  journal: Journal,
  made: string,
  onError: (error: unknown) => void,
): Promise<Fold | undefined> {
  try {
    return await inSlices(foldRecords(await journal.read(), made))
  } catch (error) {
    // Damaged, or not ours. The stream has it all.
    onError(asStreamError(error, 'Loading the rows of the last visit'))
    return undefined
  }
}
