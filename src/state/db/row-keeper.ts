import { onPageEvents } from '../../core/delay.ts'
import type { Journal, Release } from '../persistence/persistence.ts'
import { type RestoreOptions, restoreRows } from './restore-rows.ts'
import { createRowPicture } from './row-picture.ts'
import type { Fold, KeptPoint } from './row-records.ts'
import { createRowSaver } from './row-saver.ts'
import type { TableChange } from './table.ts'

/** During a catch-up, what has come in is kept from time to time, in milliseconds. */
const SETTLE_MS = 1_000

export interface RowKeeperOptions {
  journal: Journal
  schemaName: string
  /** What the journal holds, if it is of any use. */
  fold: Fold | undefined
  /** The right to write to the journal, if nobody else had it before it was read. */
  release: Release | undefined
  /** Waits for the right to write. */
  waitForTurn: (signal: AbortSignal) => Promise<Release | undefined>
  onError: (error: unknown) => void
}

/** Keeps the rows that show, together with their offset, and writes them in the background. */
export interface RowKeeper {
  /** Whether there are rows of the last visit. */
  readonly hasRows: boolean
  /** Puts the rows of the last visit into the tables; gives the place that they are from. */
  restore: (options: RestoreOptions) => Promise<KeptPoint | undefined>
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

export function createRowKeeper(options: RowKeeperOptions): RowKeeper {
  const { journal, fold, onError } = options
  const closed = new AbortController()
  const { signal } = closed
  const picture = createRowPicture(fold)
  const saver = createRowSaver({ ...options, picture })
  let { release } = options
  let settledAt = performance.now()

  async function waitForTurn(): Promise<void> {
    const turn = await options.waitForTurn(signal)
    if (signal.aborted) return turn?.()
    release = turn
    // Another tab wrote meanwhile, and may have seen less of the stream, or more.
    saver.start(false)
  }

  onPageEvents(['pagehide', 'visibilitychange'], saver.saveNow, signal)
  if (release) saver.start(true)
  else {
    waitForTurn().catch((error: unknown) => {
      if (!signal.aborted) onError(error)
    })
  }

  return {
    hasRows: [...picture.rows.values()].some(({ size }) => size > 0),
    async restore(into) {
      if (!fold) return undefined
      for (const [type, key] of await restoreRows(fold, into)) {
        picture.add(type, key, { row: undefined })
      }
      return fold.point
    },
    get isDue() {
      return performance.now() - settledAt > SETTLE_MS
    },
    published(type, changes) {
      for (const change of changes) picture.add(type, change.key, change)
    },
    settled(point) {
      settledAt = performance.now()
      if (picture.settle(point)) saver.schedule()
    },
    restarted() {
      picture.clear()
      saver.startOver()
    },
    async close() {
      closed.abort()
      await saver.finish()
      await journal.close()
      release?.()
    },
  }
}
