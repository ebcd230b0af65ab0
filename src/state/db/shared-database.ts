import type { StreamError } from '../../core/errors.ts'
import type { Observable } from '../../core/observable.ts'
import type { StreamStatus } from '../../core/status.ts'
import { createCell } from '../cell.ts'
import type { StreamDB } from './stream-db.ts'

/** A component that leaves and comes straight back (React's StrictMode) finds its database open. */
const RELEASE_MS = 250
/** So long it waits for its first user, who may be suspended until something else is there. */
const UNUSED_MS = 30_000

/** What of a database a component shows. */
export interface DatabaseState {
  /** Of the connection. */
  status: StreamStatus
  /** Whether rows are there: those of the page, of the last visit, or all that the stream held. */
  isReady: boolean
  /** What made reading impossible. `db.preload()` tries again. */
  error: StreamError | undefined
}

/** A database that is open for as long as somebody uses it. */
export interface SharedDatabase<DB> {
  readonly db: DB
  readonly state: Observable<DatabaseState>
  /** As it was made: what a page shows that was rendered on a server. */
  readonly firstState: DatabaseState
  /** Nobody used it for a while. It stays closed: another one is to be opened. */
  readonly isClosed: boolean
  /** Starts reading. @returns what leaves. */
  enter: () => () => void
}

/** @param onClose missing where nobody ever enters: on a server. */
export function shareDatabase<
  DB extends Pick<StreamDB, 'collections' | 'status' | 'preload' | 'close'>,
>(db: DB, onClose: (() => void) | undefined): SharedDatabase<DB> {
  const collections = Object.values(db.collections)
  const firstState = look()
  const cell = createCell(firstState)
  let users = 0
  let wasUsed = false
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined

  function look(): DatabaseState {
    const status = db.status.getSnapshot()
    return {
      status,
      isReady: collections.every((collection) => collection.status === 'ready'),
      error: status.kind === 'error' ? status.error : undefined,
    }
  }

  function onChange(): void {
    const [before, now] = [cell.getSnapshot(), look()]
    if (before.status !== now.status || before.isReady !== now.isReady) cell.set(now)
  }

  function releaseIn(ms: number): void {
    clearTimeout(timer)
    if (onClose) timer = setTimeout(release, ms)
  }

  function release(): void {
    const isAwaited = !wasUsed && collections.some(({ status }) => status === 'loading')
    if (isAwaited) return releaseIn(UNUSED_MS)
    isClosed = true
    onClose?.()
    db.close()
  }

  db.status.subscribe(onChange)
  for (const collection of collections) collection.on('status:change', onChange)
  releaseIn(UNUSED_MS)

  return {
    db,
    state: {
      getSnapshot: cell.getSnapshot,
      subscribe: cell.subscribe,
    },
    firstState,
    get isClosed() {
      return isClosed
    },
    enter() {
      clearTimeout(timer)
      users++
      wasUsed = true
      // What goes wrong is in the status.
      void db.preload()
      let isInside = true
      return () => {
        if (!isInside) return
        isInside = false
        if (--users === 0) releaseIn(RELEASE_MS)
      }
    },
  }
}
