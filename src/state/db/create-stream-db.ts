import { StreamError } from '../../core/errors.ts'
import type { StreamStatus } from '../../core/status.ts'
import { createCell } from '../cell.ts'
import type { StateDefinition } from '../definition.ts'
import type { ChangeEvent } from '../events.ts'
import { type ActionDefinitions, createActions } from './actions.ts'
import { createCollections } from './collections.ts'
import { createIntake } from './intake.ts'
import { streamOf, type StreamDBOptions } from './options.ts'
import { createReader, type Reading } from './reader.ts'
import type { Collections, StreamDB } from './stream-db.ts'
import { createTxIds } from './txids.ts'

const DEFAULT_TXID_TIMEOUT_MS = 5_000

/**
 * A database of typed collections on one stream of State Protocol events (protocol section 10).
 *
 * @example
 * const db = createStreamDB({ streamOptions: { url }, state: schema })
 * await db.preload()
 * db.collections.users.insert({ id: '1', name: 'Ada' })
 *
 * @throws {StreamError} `invalid` without a stream, or with two.
 */
export function createStreamDB<
  const Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
>(options: StreamDBOptions<Definition, Definitions>): StreamDB<Definition, Definitions> {
  const { state: schema, live = true } = options
  const stream = streamOf(options)
  const status = createCell<StreamStatus>({ kind: 'idle' })
  const txids = createTxIds(() => status.getSnapshot().kind)
  let closed: StreamError | undefined

  const collections = createCollections({
    schema,
    streamUrl: stream.url,
    onUse: () => void (closed ?? reader.start()),
    append,
  })
  const intake = createIntake({ ...options, schema, collections, txids })
  const reader = createReader({ stream, live, intake, status, ...collections })

  function start(): Reading {
    if (closed) throw closed
    return reader.start()
  }

  async function append(events: readonly ChangeEvent[], txid: string): Promise<void> {
    await start().contact
    await stream.appendAll(events)
    // Without `live`, reading has ended and would not see it.
    start()
    await txids.wait(txid)
  }

  const db = {
    collections: collections.byName as unknown as Collections<Definition>,
    stream,
    get offset() {
      return intake.offset
    },
    status: {
      getSnapshot: status.getSnapshot,
      subscribe: status.subscribe,
      get current() {
        return status.getSnapshot()
      },
    },
    counts: intake.counts,
    utils: {
      async awaitTxId(txid: string, timeoutMs: number = DEFAULT_TXID_TIMEOUT_MS) {
        start()
        await txids.wait(txid, timeoutMs)
      },
    },
    async preload() {
      collections.use()
      await start().caughtUp
    },
    close() {
      if (closed) return
      closed = new StreamError('closed', `The StreamDB on ${stream.url} was closed`)
      reader.close(closed)
      txids.close(closed)
    },
  }
  const definitions = options.actions?.({ db: Object.assign(db, { actions: {} }), stream })
  const actions = createActions(definitions ?? ({} as Definitions), () => start().contact)
  return Object.assign(db, { actions })
}
