import { onPageEvents } from '../../core/delay.ts'
import { isSentinel } from '../../core/protocol.ts'
import type { Journal, Release } from '../persistence/persistence.ts'
import type { RowKeeper, Standing } from './standing.ts'
import { restoreRows } from './restore-rows.ts'
import type { Router } from './router.ts'
import { createRowPicture, type RowPicture } from './row-picture.ts'
import type { Fold, KeptPoint } from './row-records.ts'
import { createRowSaver } from './row-saver.ts'

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

  /** Keeps what a page has brought along, in place of what the last visit had seen. */
  function takeOver({ routes, isInSnapshot }: Router, point: KeptPoint): void {
    if (isPictured(routes, picture)) return
    picture.clear()
    for (const [type, { table }] of routes) {
      for (const [key, row] of table.published) picture.add(type, key, row)
    }
    if (!isInSnapshot) picture.settle(point)
    saver.startOver()
  }

  onPageEvents(['pagehide', 'visibilitychange'], saver.saveNow, signal)
  if (release) saver.start(true)
  else {
    waitForTurn().catch((error: unknown) => {
      if (!signal.aborted) onError(error)
    })
  }

  async function show(kept: Fold, into: Standing): Promise<void> {
    const { router, collections, goOnFrom } = into
    // What a page has brought along is older.
    if (into.point) router.restart()
    const hasRows = [...kept.rows.values()].some(({ size }) => size > 0)
    for (const [type, key] of await restoreRows(kept, into)) {
      picture.add(type, key, { row: undefined })
    }
    goOnFrom(kept.point)
    await collections.holding.reveal()
    if (hasRows) collections.markReady()
  }

  const keeper: RowKeeper = {
    async restore(into) {
      into.keeper = keeper
      if (fold && !isAsNew(into.point, fold.point)) await show(fold, into)
      else if (into.point) takeOver(into.router, into.point)
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
  return keeper
}

function isAsNew(there: KeptPoint | undefined, kept: KeptPoint): boolean {
  return there !== undefined && !isSentinel(there.offset) && there.offset >= kept.offset
}

/** Whether these rows are the kept ones: by their versions, which are the same for every reader. */
function isPictured(routes: Router['routes'], { rows }: RowPicture): boolean {
  return [...routes].every(([type, { table }]) => {
    const kept = rows.get(type)
    if ((kept?.size ?? 0) !== table.published.size) return false
    return [...table.published].every(([key, { version }]) => {
      const row = kept?.get(key)
      return row !== undefined && 'input' in row && row.version === version
    })
  })
}
