import type { Row } from '../row.ts'
import { inSlices } from './slices.ts'
import { sorted } from './sorted.ts'
import type { SyncedCollection } from './synced-collection.ts'
import type { Table } from './table.ts'

/** From 512 rows on, TanStack DB sorts all keys of a collection again with each commit. */
const ROWS_PER_PIECE = 500

interface Member extends Pick<SyncedCollection, 'collection' | 'write'> {
  table: Table
}

type Rows = { key: string; row: Row | undefined }[]

/**
 * The rows of a first catch-up, held until its end while nobody looks. TanStack DB then takes each
 * row once, however often it changed, and in the order of keys, which costs it least.
 */
export interface Holding {
  /** Whether published rows do not show yet. */
  readonly isHolding: boolean
  /** @returns whether what is published now is to be held. */
  hold: () => boolean
  /** Shows all that is held, at once. @returns whether something was. */
  release: () => boolean
  /** Shows what is held little by little, or at once when somebody begins to look. */
  reveal: () => Promise<void>
  /** From now on nothing is held any more. */
  end: () => void
}

/** @param show shows these rows of each member, and what else there is to show, as one. */
export function createHolding(
  members: readonly Member[],
  show: (rowsOf: (member: Member) => Rows) => void,
): Holding {
  let isHolding = false
  let hasEnded = false

  const isUnseen = ({ collection }: Member): boolean =>
    collection.subscriberCount === 0 && (isHolding || collection.size === 0)

  function release(): boolean {
    if (!isHolding) return false
    isHolding = false
    show(({ table }) => rowsOf(table, table.published.keys()))
    return true
  }

  function* pieces(): Generator<void, void> {
    for (const { table, write } of members) {
      const keys = yield* sorted([...table.published.keys()])
      for (let from = 0; isHolding && from < keys.length; from += ROWS_PER_PIECE) {
        write(rowsOf(table, keys.slice(from, from + ROWS_PER_PIECE)))?.()
        yield
      }
    }
  }

  return {
    get isHolding() {
      return isHolding
    },
    hold() {
      if (hasEnded || !members.every(isUnseen)) return false
      isHolding = true
      return true
    },
    release,
    async reveal() {
      const count = members.reduce((sum, { table }) => sum + table.published.size, 0)
      if (count > ROWS_PER_PIECE) {
        const offs = members.map(({ collection }) => collection.on('subscribers:change', release))
        await inSlices(pieces())
        for (const off of offs) off()
        if (!isHolding) return
        isHolding = false
        show(() => [])
      }
      release()
    },
    end() {
      hasEnded = true
    },
  }
}

function rowsOf({ published }: Table, keys: Iterable<string>): Rows {
  const rows: Rows = []
  for (const key of keys) rows.push({ key, row: published.get(key)?.row })
  return rows
}
