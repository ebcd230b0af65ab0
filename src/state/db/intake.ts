import { BEGINNING } from '../../core/protocol.ts'
import type { ChangeEvent } from '../events.ts'
import type { FeedBatch } from '../feed.ts'
import { guarded } from '../report-error.ts'
import type { StateSchema } from '../schema.ts'
import { yieldToEventLoop } from '../yield-to-event-loop.ts'
import type { SyncedCollections } from './collections.ts'
import { createRouter, type InvalidEvent } from './router.ts'
import type { RowKeeper, Standing } from './standing.ts'
import type { TxIds } from './txids.ts'

/** Nothing that came in waits longer than this for the rest of a catch-up, in milliseconds. */
const MAX_STAGED_MS = 250
/** How long the event loop may wait for us, in milliseconds, the time to show rows aside. */
const TURN_MS = 8
/** Items of which the parsing takes milliseconds. */
const LONG_BATCH = 1_000
/** Items between two looks at the clock. */
const ITEMS_PER_LOOK = 64

export interface IntakeOptions extends StreamDBHooks {
  schema: StateSchema
  collections: SyncedCollections
  txids: TxIds
  schemaVersion?: string | number
  /** Whether the items of a batch are nobody else's. */
  ownsItems: boolean
  now?: () => number
}

/** What a user may hang into a database. One that throws is reported, and stops nothing. */
export interface StreamDBHooks {
  /** Called with each well-formed change, of a known type or not, before it is applied. */
  onEvent?: (event: ChangeEvent) => void
  /** Called with each event that was skipped: no event, or a value that breaks its schema. */
  onInvalid?: (invalid: InvalidEvent) => void
  /** Called with each batch before it is applied. */
  onBeforeBatch?: (batch: FeedBatch) => void
  /** Called with each batch once all of it shows: `batch.offset` is safe to keep. */
  onBatch?: (batch: FeedBatch) => void
}

/**
 * Takes in batch after batch and decides when to show what came: at once when nothing more is there
 * to read, else in slices that end neither within a transaction nor within a snapshot.
 */
export interface Intake {
  /** After the last batch that shows. */
  readonly offset: string
  /** After the last batch that was taken in: where to go on reading. */
  readonly position: string
  take: (batch: FeedBatch, signal: AbortSignal) => Promise<void>
  readonly standing: Standing
}

export function createIntake(options: IntakeOptions): Intake {
  const { schema, collections, txids, ownsItems, now = () => performance.now() } = options
  const onBeforeBatch = guarded(options.onBeforeBatch)
  const onBatch = guarded(options.onBatch)
  const onInvalid = guarded(options.onInvalid)
  const router = createRouter({
    schema,
    tables: collections.tables,
    onEvent: guarded(options.onEvent),
    onInvalid,
    onTxId: txids.stage,
  })
  let offset = BEGINNING
  let position = offset
  let taken: FeedBatch[] = []
  /** Whether batches have come in since rows were last published. */
  let hasTaken = false
  let lastItem: unknown
  let committedAt = now()
  let turnStartedAt = now()
  let isDue = false
  const standing: Standing = {
    ...options,
    onInvalid,
    router,
    point: undefined,
    keeper: undefined,
    goOnFrom(point) {
      standing.point = point
      offset = position = point.offset
      router.ordinal = point.ordinal
      publishRows()
    },
  }

  function publishRows(tell?: RowKeeper['published']): void {
    collections.publish((name, changes) => tell?.(schema[name]!.type, changes))
    for (const [type, route] of router.routes) {
      if (route.schema) continue
      const changes = route.table.publish()
      tell?.(type, changes)
    }
  }

  function publish(isWholeBatch: boolean): void {
    const { keeper } = standing
    publishRows(keeper?.published)
    const point = isWholeBatch ? { offset: position, ordinal: router.ordinal } : undefined
    standing.point = point
    if (point && !router.isInSnapshot) keeper?.settled(point)
    committedAt = now()
    isDue = hasTaken = false
    if (!collections.holding.isHolding) shown()
  }

  function shown(): void {
    offset = position
    txids.commit()
    const batches = taken
    taken = []
    for (const batch of batches) onBatch(batch)
  }

  /** Looks at the clock. @returns whether the turn has lasted long enough. */
  function look(): boolean {
    isDue ||= collections.isFull() || now() - committedAt >= MAX_STAGED_MS
    return now() - turnStartedAt >= TURN_MS
  }

  function mayCommitBefore(item: unknown): boolean {
    const txid = txidOf(item)
    return !router.isInSnapshot && (txid === undefined || txid !== txidOf(lastItem))
  }

  return {
    get offset() {
      return offset
    },
    get position() {
      return position
    },
    standing,
    async take(batch, signal) {
      // Parsing a long batch took the turn that has passed.
      if (batch.items.length > LONG_BATCH) await yieldToEventLoop()
      if (signal.aborted) return
      turnStartedAt = now()
      if (!hasTaken) committedAt = turnStartedAt
      onBeforeBatch(batch)
      if (batch.restart) {
        router.restart()
        txids.restarted()
        standing.keeper?.restarted()
      }
      let i = 0
      for (const item of batch.items) {
        if (i % ITEMS_PER_LOOK === 0) {
          if (look()) {
            await yieldToEventLoop()
            turnStartedAt = now()
          }
          if (signal.aborted) return
        }
        // Between two batches, all that has come in can be kept.
        const isBetween = i === 0 && hasTaken && !batch.restart
        if ((isDue || (isBetween && standing.keeper?.isDue)) && mayCommitBefore(item))
          publish(isBetween)
        router.route(item, position)
        lastItem = item
        i++
      }
      position = batch.offset
      hasTaken = true
      if (options.onBatch) taken.push(batch)
      // What it came through holds the batch until the next one has been parsed. Had it not been
      // emptied, the garbage collector would move it around meanwhile, at a third of all the time.
      else if (ownsItems && !options.onBeforeBatch) (batch.items as unknown[]).length = 0
      if (!batch.upToDate && !batch.streamClosed) return
      publish(true)
      if (collections.holding.isHolding) {
        await collections.holding.reveal()
        if (signal.aborted) return
        shown()
      }
      txids.caughtUp()
    },
  }
}

function txidOf(item: unknown): unknown {
  return (item as { headers?: { txid?: unknown } | null } | null | undefined)?.headers?.txid
}
