import type { Ended } from './end.ts'
import type { StreamRecord } from '../storage/storage.ts'

/** Something that happened to a stream as a whole, after it became durable. */
export interface LifecycleEvent {
  /** `deleted` is told once: when the stream is there no more, even if its bytes stay for forks. */
  kind: 'created' | 'closed' | 'deleted'
  path: string
  contentType: string
  /** Milliseconds since 1970. */
  at: number
}

/** Tells of what happened. */
export interface Announcer {
  created(path: string, record: StreamRecord, at: number): void
  closed(path: string, record: StreamRecord, at: number): void
  deleted(ended: readonly Ended[], at: number): void
}

/** An announcer that no listener can break: what `onEvent` throws, or rejects with, is an error told. */
export function createAnnouncer(
  onEvent: (event: LifecycleEvent) => unknown,
  onError: (error: unknown) => void,
): Announcer {
  return {
    created(path, record, at) {
      tell('created', path, record, at)
      if (record.closed) tell('closed', path, record, at)
    },
    closed: (path, record, at) => tell('closed', path, record, at),
    deleted(ended, at) {
      for (const { path, record } of ended) tell('deleted', path, record, at)
    },
  }

  function tell(
    kind: LifecycleEvent['kind'],
    path: string,
    { contentType }: StreamRecord,
    at: number,
  ): void {
    try {
      const told = onEvent({ kind, path, contentType, at })
      if (told instanceof Promise) told.catch(onError)
    } catch (error) {
      onError(error)
    }
  }
}
