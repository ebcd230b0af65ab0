import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { LiveMode } from '../../core/read-state.ts'
import type { StreamStatus } from '../../core/status.ts'
import type { Cell } from '../cell.ts'
import { createDeferred } from '../deferred.ts'
import { feed } from '../feed.ts'
import type { SyncedCollections } from './collections.ts'
import type { Intake } from './intake.ts'
import type { StateStream } from './state-stream.ts'

export interface ReaderOptions {
  stream: StateStream
  live: LiveMode
  intake: Intake
  status: Cell<StreamStatus>
  /** Brings back what the last visit kept; called once, before anything is read. */
  restore: () => Promise<void>
  /** Told when all that the server has is taken in, and when reading cannot go on. */
  collections: Pick<SyncedCollections, 'markReady' | 'markError'>
}

/** One reading of the stream, from its start to its end or its failure. */
export interface Reading {
  /** The server has answered: the stream is there. */
  contact: Promise<void>
  /** What the stream held has been taken in. */
  caughtUp: Promise<void>
}

export interface Reader {
  /** Why it was closed. */
  readonly closed: StreamError | undefined
  /**
   * The reading that goes on, or a new one from where the last one came to.
   *
   * @throws the reason of `close`.
   */
  start: () => Reading
  /** Ends reading for good. `reason` is what those get who still wait. */
  close: (reason: StreamError) => void
}

export function createReader(options: ReaderOptions): Reader {
  const { stream, live, intake, status, restore, collections } = options
  const controller = new AbortController()
  const { signal } = controller
  let current: Reading | undefined
  let closed: StreamError | undefined
  let restored: Promise<void> | undefined

  function open(): Reading {
    const contact = createDeferred()
    const caughtUp = createDeferred()
    // A status that a batch brings is true once the batch shows.
    let arrived: StreamStatus | undefined
    const onStatus = (next: StreamStatus): void => {
      if (next.kind === 'live' || next.kind === 'closed' || next.kind === 'idle') arrived = next
      else if (next.kind !== 'connecting' || status.getSnapshot().kind !== 'connecting') {
        status.set(next)
      }
    }
    async function read(): Promise<void> {
      status.set({ kind: 'connecting' })
      await (restored ??= restore())
      signal.throwIfAborted()
      for await (const batch of feed({ stream, offset: intake.position, live, signal, onStatus })) {
        contact.resolve()
        await intake.take(batch, signal)
        signal.throwIfAborted()
        if (batch.upToDate || batch.streamClosed) {
          collections.markReady()
          caughtUp.resolve()
        }
        if (arrived) status.set(arrived)
        arrived = undefined
      }
      signal.throwIfAborted()
      // The next start looks for what has come since.
      if (status.getSnapshot().kind !== 'closed') current = undefined
    }
    function fail(cause: unknown): void {
      contact.reject(cause)
      caughtUp.reject(cause)
      if (signal.aborted) return
      const error = asStreamError(cause, 'Taking in the stream')
      current = undefined
      status.set({ kind: 'error', error })
      collections.markError(error)
    }
    void read().catch(fail)
    return { contact: contact.promise, caughtUp: caughtUp.promise }
  }

  return {
    get closed() {
      return closed
    },
    start() {
      if (closed) throw closed
      current ??= open()
      return current
    },
    close(reason) {
      closed = reason
      controller.abort(reason)
      status.set({ kind: 'idle' })
    },
  }
}
