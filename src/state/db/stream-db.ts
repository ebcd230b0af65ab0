import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Collection, UtilsRecord } from '@tanstack/db'
import type { Observable } from '../../core/observable.ts'
import type { StreamStatus } from '../../core/status.ts'
import type { StateDefinition } from '../definition.ts'
import type { ActionDefinitions, Actions } from './actions.ts'
import type { EventCounts } from './router.ts'
import type { StateStream } from './state-stream.ts'
import type { WriteTransaction } from './writes.ts'

/** Rows as the schema gives them, by text keys; inserts as the schema takes them in. */
export type Collections<Definition extends StateDefinition> = {
  readonly [Name in keyof Definition]: Collection<
    StandardSchemaV1.InferOutput<Definition[Name]['schema']> & object,
    string,
    UtilsRecord,
    never,
    StandardSchemaV1.InferInput<Definition[Name]['schema']> & object
  >
}

export interface StreamDBUtils {
  /**
   * Resolves when events with this txid, or with each of several, have come back in the stream and
   * been applied, also when that was before.
   *
   * @param timeoutMs default 5,000, of which only time counts in which the page is visible and the
   *   connection is there. A time that is given counts always.
   * @throws {StreamError} `timeout`; `invalid` when one of its events breaks the schema, or
   *   `conflict` when its `base` is no longer the version of the row, so that all readers skip it;
   *   `gone` when the server lost the stream; `closed` when the database is closed.
   */
  awaitTxId: (txids: string | readonly string[], timeoutMs?: number) => Promise<void>
  /**
   * For `createTransaction` of TanStack DB: all that the transaction writes to collections of this
   * database is one atomic append, under one txid. It fails with `invalid`, and nothing is sent, when
   * it wrote to other collections, too.
   *
   * @example
   * const transaction = createTransaction({ mutationFn: db.utils.mutationFn })
   * transaction.mutate(() => {
   *   db.collections.messages.insert(message)
   *   db.collections.rooms.update(roomId, (room) => void room.count++)
   * })
   * await transaction.isPersisted.promise
   */
  mutationFn: WriteTransaction
}

export interface StreamDB<
  Definition extends StateDefinition = StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
> {
  /**
   * TanStack DB collections that follow the stream. They are writable: `insert`, `update` and
   * `delete` show at once, go to the stream as one atomic append, and fall back when it is refused.
   *
   * An `update` loses nothing: when somebody else changed the row first, its function is run again on
   * the row as it is now, until it applies. It must be pure, so that it may run any number of times.
   * It fails with `conflict` when the row is gone. Inserts and deletes go last, and win.
   */
  readonly collections: Collections<Definition>
  readonly actions: Actions<Definitions>
  readonly stream: StateStream
  /** Where reading has come to: what is before it shows. */
  readonly offset: string
  readonly status: Observable<StreamStatus> & { readonly current: StreamStatus }
  /** How many events were applied, superseded, invalid, and of an unknown type. */
  readonly counts: Readonly<EventCounts>
  readonly utils: StreamDBUtils
  /**
   * Starts reading and resolves when all that the stream held is there. Reading starts as well when
   * a collection is first used.
   *
   * @throws {StreamError} what makes reading impossible. Calling it again tries again.
   */
  preload: () => Promise<void>
  /** Ends reading, for good. Rows stay readable; those who still wait for a txid get an error. */
  close: () => void
}
