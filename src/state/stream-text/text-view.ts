import { BEGINNING } from '../../core/protocol.ts'
import type { Observable } from '../../core/observable.ts'
import type { StreamStatus } from '../../core/status.ts'
import { createCell } from '../cell.ts'
import type { StreamTextSnapshot } from './stream-text.ts'
import { NO_TEXT, type TextSoFar } from './text-so-far.ts'

export const INITIAL_SNAPSHOT: StreamTextSnapshot = {
  text: '',
  isDone: false,
  isStopped: false,
  end: undefined,
  status: { kind: 'idle' },
  error: undefined,
  offset: BEGINNING,
}

/** What is known of a text, and what is shown of it. */
export interface TextView extends Observable<StreamTextSnapshot> {
  look: () => TextSoFar
  put: (soFar: TextSoFar) => void
  /** That of a reading is shown with the batch that it comes with. */
  setStatus: (status: StreamStatus) => void
}

export function createTextView(): TextView {
  const cell = createCell(INITIAL_SNAPSHOT)
  let soFar = NO_TEXT
  let { status } = INITIAL_SNAPSHOT

  function show(): void {
    const { text, isDone, isStopped, end } = soFar
    const error = status.kind === 'error' ? status.error : undefined
    const before = cell.getSnapshot()
    const next = { text, isDone, isStopped, end, status, error, offset: before.offset }
    const names = Object.keys(next) as (keyof StreamTextSnapshot)[]
    if (names.some((name) => next[name] !== before[name])) {
      cell.set({ ...next, offset: soFar.offset })
    }
  }

  return {
    ...cell,
    look: () => soFar,
    put(next) {
      soFar = next
      show()
    },
    setStatus(next) {
      status = next
      if (!['catching-up', 'live', 'closed'].includes(next.kind)) show()
    },
  }
}
