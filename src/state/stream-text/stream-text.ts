import type { StreamError } from '../../core/errors.ts'
import type { Observable } from '../../core/observable.ts'
import type { StreamStatus } from '../../core/status.ts'

/** A text that is being read. It is `===` until something changed. */
export interface StreamTextSnapshot {
  /** All that has come so far. */
  text: string
  /** Whether it is whole: the stream is closed, and has been read to its end. */
  isDone: boolean
  /** Whether `stop` was called: more may come, and is not read. */
  isStopped: boolean
  /** Why it ended, when the stream says so: `endOf`. */
  end: string | undefined
  /** Of the connection. */
  status: StreamStatus
  /** What ended the reading. */
  error: StreamError | undefined
  /** How far the stream had been read. As it changes nothing to look at, it alone makes no new one. */
  offset: string
}

/** A text that grows, as the answer of a model does. It is read while it has subscribers. */
export interface StreamText extends Observable<StreamTextSnapshot> {
  /** What it is before anything was read, or found kept: what a server renders. */
  readonly initialSnapshot: StreamTextSnapshot
  /** Ends the reading on this page, also after a reload. Who writes the text is not told. */
  stop: () => void
  /** Reads on, after `stop` or an error. */
  resume: () => void
}
