import { onPageEvents } from '../../core/delay.ts'
import type { Journal, Release } from '../persistence/persistence.ts'
import {
  encodeRows,
  type Fold,
  type KeptPoint,
  type KeptRow,
  type KeptRows,
  rowsOf,
} from './row-records.ts'
import { type RestoreOptions, restoreRows } from './restore-rows.ts'
import { inSlices } from './slices.ts'
import type { TableChange } from './table.ts'

/** Time between two writes, in milliseconds. What fails is tried again, later and later. */
const SAVE_MS = 250
const MAX_SAVE_MS = 60_000
/** During a catch-up, what has come in is kept from time to time, in milliseconds. */
const SETTLE_MS = 1_000
/** More rows than this are not written in the moment in which a page is left. */
const MAX_ROWS_AT_ONCE = 5_000
/** A journal is written anew once it is twice as long as it was then, and this many characters more. */
const SLACK_CHARS = 100_000

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
  const { journal, schemaName, fold, onError } = options
  const closed = new AbortController()
  /** All rows at `point`. */
  const picture: KeptRows = fold?.rows ?? new Map()
  let point = fold?.point
  /** What was published since `point`. */
  let ahead: KeptRows = new Map()
  /** What of the picture the journal does not have. */
  let unsaved: KeptRows = new Map()
  let isUnsaved = !fold
  /** The journal is not known to be a part of the picture. */
  let isForeign = !fold || !options.release
  let { firstChars, chars } = fold ?? { firstChars: 0, chars: 0 }
  let release = options.release
  let settledAt = performance.now()
  let saving: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  /** Counts how often everything became void. */
  let life = 0

  function schedule(): void {
    if (closed.signal.aborted || timer !== undefined || !isUnsaved) return
    timer = setTimeout(
      () => {
        timer = undefined
        void save()
      },
      Math.min(SAVE_MS * 2 ** failures, MAX_SAVE_MS),
    )
  }

  /** Takes what has to be written: the texts of one step, made one by one. */
  function takeStep(): { isWhole: boolean; texts: Iterable<string> } {
    const isWhole = isForeign || chars > 2 * firstChars + SLACK_CHARS
    // The picture goes on changing while its texts are made.
    const rows = isWhole ? copyOf(picture) : unsaved
    unsaved = new Map()
    isUnsaved = false
    const at = point
    const texts = at ? encodeRows(rows, at, isWhole ? schemaName : undefined) : []
    return { isWhole, texts }
  }

  function save(): Promise<void> {
    if (!release || !isUnsaved) return saving ?? Promise.resolve()
    saving ??= saved(write())
    return saving
  }

  async function saved(writing: Promise<void>): Promise<void> {
    await writing
    saving = undefined
    schedule()
  }

  async function write(): Promise<void> {
    const startedIn = life
    const { isWhole, texts } = takeStep()
    const records: string[] = []
    await inSlices(texts[Symbol.iterator](), (text) => records.push(text))
    if (startedIn !== life) return
    await put(records, isWhole)
  }

  async function put(records: readonly string[], isWhole: boolean): Promise<void> {
    try {
      const written = isWhole ? journal.replace(records) : journal.append(records)
      const length = records.reduce((sum, text) => sum + text.length, 0)
      if (isWhole) chars = firstChars = 0
      firstChars ||= length
      chars += length
      isForeign = isWhole && records.length === 0
      await written
      failures = 0
    } catch (error) {
      // What is there now is not known.
      isForeign = isUnsaved = true
      failures += 1
      onError(error)
    }
  }

  /** Hands over what little there is while the page still lives: it has no later. */
  function saveNow(): void {
    if (!release || !isUnsaved || saving) return
    const changes = isForeign ? picture : unsaved
    if ([...changes.values()].reduce((sum, { size }) => sum + size, 0) > MAX_ROWS_AT_ONCE) return
    const { isWhole, texts } = takeStep()
    saving = saved(put([...texts], isWhole))
  }

  async function waitForTurn(): Promise<void> {
    release = await options.waitForTurn(closed.signal)
    if (closed.signal.aborted) return release?.()
    // Another tab wrote meanwhile, and may have seen less of the stream, or more.
    isForeign = isUnsaved = true
    schedule()
  }

  onPageEvents(['pagehide', 'visibilitychange'], saveNow, closed.signal)
  if (!release) {
    waitForTurn().catch((error: unknown) => {
      if (!closed.signal.aborted) onError(error)
    })
  }
  schedule()

  return {
    hasRows: [...picture.values()].some(({ size }) => size > 0),
    async restore(into) {
      if (!point) return undefined
      for (const [type, key] of await restoreRows(picture, into, point.offset)) {
        rowsOf(ahead, type).set(key, { row: undefined })
      }
      return point
    },
    get isDue() {
      return performance.now() - settledAt > SETTLE_MS
    },
    published(type, changes) {
      const rows = rowsOf(ahead, type)
      for (const change of changes) rows.set(change.key, change)
    },
    settled(next) {
      settledAt = performance.now()
      if (next.offset === point?.offset) return
      for (const [type, changes] of ahead) {
        for (const [key, row] of changes) {
          if ('input' in row) rowsOf(picture, type).set(key, row)
          else rowsOf(picture, type).delete(key)
          rowsOf(unsaved, type).set(key, row)
        }
      }
      ahead = new Map()
      point = next
      isUnsaved = true
      schedule()
    },
    restarted() {
      life += 1
      for (const rows of [picture, ahead, unsaved]) rows.clear()
      point = undefined
      isForeign = isUnsaved = true
      void save()
    },
    async close() {
      closed.abort()
      clearTimeout(timer)
      await saving
      await save()
      await journal.close()
      release?.()
    },
  }
}

function copyOf(rows: KeptRows): [string, [string, KeptRow][]][] {
  return [...rows].map(([type, changes]) => [type, [...changes]])
}
