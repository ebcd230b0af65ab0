import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Collection, UtilsRecord } from '@tanstack/db'
import type { Observable } from '../../core/observable.ts'
import type { StreamStatus } from '../../core/status.ts'
import type { StateDefinition } from '../definition.ts'
import type { ActionDefinitions, Actions } from './actions.ts'
import type { EventCounts } from './router.ts'
import type { StateStream } from './state-stream.ts'

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
   * Resolves when an event with this txid has come back in the stream and been applied.
   *
   * @param timeoutMs default 5,000.
   * @throws {StreamError} `timeout`; `invalid` when one of its events breaks the schema, so that all
   *   readers skip it; `gone` when the server lost the stream; `closed` when the database is closed.
   */
  awaitTxId: (txid: string, timeoutMs?: number) => Promise<void>
}

export interface StreamDB<
  Definition extends StateDefinition = StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
> {
  /**
   * TanStack DB collections that follow the stream. They are writable: `insert`, `update` and
   * `delete` show at once, go to the stream as one atomic append, and fall back when it is refused.
   */
  readonly collections: Collections<Definition>
  readonly actions: Actions<Definitions>
  readonly stream: StateStream
  /** Where reading has come to: what is before it shows. */
  readonly offset: string
  readonly status: Observable<StreamStatus> & { readonly current: StreamStatus }
  /** How many events were applied, invalid, and of an unknown type. */
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
