import { decideAppend, type Append, type AppendOutcome } from './append.ts'
import { decideCreate, type Create, type CreateOutcome } from './create.ts'
import { decideDelete, type DeleteOutcome } from './delete.ts'
import { findStream, markUsed, readPage, type ReadOutcome } from './read.ts'
import type { Storage, StreamRecord } from '../storage/storage.ts'

/** Something that happened to a stream as a whole, after it became durable. */
export interface LifecycleEvent {
  kind: 'created' | 'closed' | 'deleted'
  path: string
  contentType: string
  /** Milliseconds since 1970. */
  at: number
}

/** Every operation of the protocol on the streams of one storage. */
export interface Streams {
  /** Protocol section 2. */
  create(path: string, command: Create): Promise<CreateOutcome>
  /** Protocol sections 3 and 4. */
  append(path: string, command: Append): Promise<AppendOutcome>
  /** Protocol section 5, `DELETE`. */
  remove(path: string): Promise<DeleteOutcome>
  /** Protocol section 5, `HEAD`. */
  find(path: string): Promise<StreamRecord | undefined>
  /** Protocol section 5: about `maxBytes` from `start` on, at least one whole message. */
  page(path: string, start: number | 'now', maxBytes: number): Promise<ReadOutcome>
  /** A reader used the stream: slides its expiry. */
  touch(path: string, record: StreamRecord): Promise<void>
}

export interface StreamsOptions {
  storage: Storage
  /** Milliseconds since 1970. */
  now: () => number
  /** Is told of each event once it is durable. */
  onEvent: (event: LifecycleEvent) => void
}

export function createStreams({ storage, now, onEvent }: StreamsOptions): Streams {
  return {
    async create(path, command) {
      const at = now()
      const outcome = await storage.update(path, (record) => decideCreate(record, command, at))
      if (outcome.kind === 'created') announce('created', path, outcome.record, at)
      return outcome
    },

    async append(path, command) {
      const at = now()
      const outcome = await storage.update(
        path,
        (record, producer) => decideAppend(record, producer, command, at),
        command.producer && { producer: command.producer.id },
      )
      if (command.close && outcome.kind === 'appended') {
        announce('closed', path, outcome.record, at)
      }
      return outcome
    },

    async remove(path) {
      const at = now()
      return storage.update(path, (record) => decideDelete(record, at))
    },

    find: (path) => findStream(storage, path, now()),
    page: (path, start, maxBytes) => readPage(storage, path, start, maxBytes, now()),
    touch: (path, record) => markUsed(storage, path, record, now()),
  }

  function announce(
    kind: LifecycleEvent['kind'],
    path: string,
    { contentType }: StreamRecord,
    at: number,
  ): void {
    onEvent({ kind, path, contentType, at })
  }
}
