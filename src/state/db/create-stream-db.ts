import type { StateDefinition } from '../definition.ts'
import { ignorable } from '../deferred.ts'
import { type DatabaseRows, ROWS } from '../rows-of.ts'
import { type ActionDefinitions, createActions } from './actions.ts'
import { checkOneCopy } from './one-copy.ts'
import { streamOf, type StreamDBOptions } from './options.ts'
import { createSession } from './session.ts'
import type { Collections, StreamDB } from './stream-db.ts'

/**
 * A database of typed collections on one stream of State Protocol events (protocol section 10).
 *
 * @example
 * const db = createStreamDB({ streamOptions: { url }, state: schema })
 * await db.preload()
 * db.collections.users.insert({ id: '1', name: 'Ada' })
 *
 * @throws {StreamError} `invalid` without a stream, or with two; in a page that has two copies of
 *   TanStack DB.
 */
export function createStreamDB<
  const Definition extends StateDefinition,
  Definitions extends ActionDefinitions = Record<never, never>,
>(options: StreamDBOptions<Definition, Definitions>): StreamDB<Definition, Definitions> {
  const { state: schema, live = true } = options
  const stream = streamOf(options)
  const session = createSession({
    schema,
    stream,
    live,
    hooks: options,
    ownsStream: !options.stream,
  })
  const { collections, intake, status } = session
  const { standing } = intake
  checkOneCopy(Object.values(collections.byName))

  const db = {
    [ROWS]: standing satisfies DatabaseRows,
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
    counts: standing.router.counts,
    utils: {
      awaitTxId: (txids: string | readonly string[], timeoutMs?: number) =>
        ignorable(session.awaitTxId(txids, timeoutMs)),
      mutationFn: collections.mutationFn,
    },
    preload: () => ignorable(session.preload()),
    close: session.close,
  }
  const definitions = options.actions?.({ db: Object.assign(db, { actions: {} }), stream })
  const actions = createActions(definitions ?? ({} as Definitions), session.contact)
  return Object.assign(db, { actions })
}
