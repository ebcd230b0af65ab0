import type { Journal } from '../persistence/persistence.ts'
import { encodeRows, type Fold } from './row-records.ts'
import type { RowPicture } from './row-picture.ts'
import { inSlices } from './slices.ts'

/** Time between two writes, in milliseconds. What fails is tried again, later and later. */
const SAVE_MS = 250
const MAX_SAVE_MS = 60_000
/** More rows than this are not written in the moment in which a page is left. */
const MAX_ROWS_AT_ONCE = 5_000
/** A journal is written anew once it is twice as long as it was then, and this many characters more. */
const SLACK_CHARS = 100_000

export interface RowSaverOptions {
  journal: Journal
  picture: RowPicture
  /** What rows are made by; first in the journal. */
  schemaName: string
  /** What the journal holds, if it is of any use. */
  fold: Fold | undefined
  onError: (error: unknown) => void
}

/** Writes a picture of rows to a journal, a while after it has changed. One write at a time. */
export interface RowSaver {
  /** The picture has changed. */
  schedule: () => void
  /** From now on this tab is the one who writes. What the journal holds may not be what we read. */
  start: (isOurs: boolean) => void
  /** All that the journal holds is void. */
  startOver: () => void
  /** Hands over what little there is while the page still lives: it has no later. */
  saveNow: () => void
  /** Writes what there is to write; nothing afterwards. */
  finish: () => Promise<void>
}

export function createRowSaver(options: RowSaverOptions): RowSaver {
  const { journal, picture, schemaName, fold, onError } = options
  let mayWrite = false
  let isFinished = false
  let isUnsaved = false
  /** What the journal holds is not a part of the picture. */
  let isForeign = !fold
  let { firstChars, chars } = fold ?? { firstChars: 0, chars: 0 }
  let saving: Promise<void> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  /** Counts how often everything became void. */
  let life = 0

  function schedule(): void {
    isUnsaved = true
    if (isFinished || timer !== undefined) return
    timer = setTimeout(onTime, Math.min(SAVE_MS * 2 ** failures, MAX_SAVE_MS))
  }

  function onTime(): void {
    timer = undefined
    void save()
  }

  function save(): Promise<void> {
    if (mayWrite && isUnsaved && !saving) run(write())
    return saving ?? Promise.resolve()
  }

  function run(writing: Promise<void>): void {
    saving = writing.then(() => {
      saving = undefined
      if (isUnsaved) schedule()
    })
  }

  function needsAll(): boolean {
    return isForeign || chars > 2 * firstChars + SLACK_CHARS
  }

  function takeTexts(isWhole: boolean): Iterable<string> {
    const { point } = picture
    isUnsaved = false
    const rows = picture.take(isWhole)
    return point ? encodeRows(rows, point, isWhole ? schemaName : undefined) : []
  }

  async function write(): Promise<void> {
    const startedIn = life
    const isWhole = needsAll()
    const texts: string[] = []
    await inSlices(takeTexts(isWhole)[Symbol.iterator](), (text) => texts.push(text))
    if (startedIn === life) await put(texts, isWhole)
  }

  async function put(texts: readonly string[], isWhole: boolean): Promise<void> {
    if (isWhole) chars = firstChars = 0
    chars += texts.reduce((sum, text) => sum + text.length, 0)
    firstChars ||= chars
    isForeign = texts.length === 0
    try {
      await (isWhole ? journal.replace(texts) : journal.append(texts))
      failures = 0
    } catch (error) {
      // What is there now is not known.
      isForeign = isUnsaved = true
      failures += 1
      onError(error)
    }
  }

  return {
    schedule,
    start(isOurs) {
      mayWrite = true
      if (isOurs && !isForeign) return
      isForeign = true
      schedule()
    },
    startOver() {
      life += 1
      isForeign = isUnsaved = true
      void save()
    },
    saveNow() {
      const isWhole = needsAll()
      if (!mayWrite || !isUnsaved || saving || picture.count(isWhole) > MAX_ROWS_AT_ONCE) return
      run(put([...takeTexts(isWhole)], isWhole))
    },
    async finish() {
      isFinished = true
      clearTimeout(timer)
      await saving
      await save()
    },
  }
}
