import { StreamError } from '../../core/errors.ts'
import type { LiveMode } from '../../core/read-state.ts'
import type { StreamStatus } from '../../core/status.ts'
import { type Cell, createCell } from '../cell.ts'
import type { ChangeEvent } from '../events.ts'
import type { StateSchema } from '../schema.ts'
import { createCollections, type SyncedCollections } from './collections.ts'
import { createIntake, type StreamDBHooks, type Intake } from './intake.ts'
import { type KeepingOptions, openKeeper } from './keeping.ts'
import { createReader } from './reader.ts'
import type { StartingOptions } from './starting.ts'
import { createTxIds } from './txids.ts'
import type { StateStream } from './state-stream.ts'

export interface SessionOptions {
  schema: StateSchema
  stream: StateStream
  live: LiveMode
  hooks: StreamDBHooks & KeepingOptions & StartingOptions
  /** Whether the stream is nobody else's. */
  ownsStream: boolean
}

/** The collections of a schema and one stream, joined: what is read shows, what is written is sent. */
export interface Session {
  readonly collections: SyncedCollections
  readonly intake: Intake
  readonly status: Cell<StreamStatus>
  /** Settles when the stream is there to be written to. */
  contact: () => Promise<void>
  preload: () => Promise<void>
  awaitTxId: (txids: string | readonly string[], timeoutMs?: number) => Promise<void>
  close: () => void
}

export function createSession(options: SessionOptions): Session {
  const { schema, stream, live, hooks, ownsStream } = options
  const status = createCell<StreamStatus>({ kind: 'idle' })
  const txids = createTxIds(() => status.getSnapshot().kind)
  const { staged } = txids
  const { id = stream.url, autoStart = true, hydration } = hooks
  const collections = createCollections({ schema, id, onUse, append, staged })
  const intake = createIntake({ ...hooks, schema, collections, txids, ownsItems: ownsStream })
  const reader = createReader({ stream, live, intake, status, restore, collections })
  const { standing } = intake
  hydration?.(standing)

  function onUse(): void {
    if (autoStart && !reader.closed) reader.start()
  }

  async function restore(): Promise<void> {
    const keeper = await openKeeper(hooks, schema, stream.url)
    if (reader.closed) return keeper?.close()
    await keeper?.restore(standing)
  }

  async function append(events: readonly ChangeEvent[], txid: string): Promise<void> {
    await reader.start().contact
    await stream.appendAll(events)
    // Without `live`, reading has ended and would not see it.
    reader.start()
    await txids.wait(txid, Infinity)
  }

  return {
    collections,
    intake,
    status,
    contact: async () => reader.start().contact,
    async preload() {
      const { caughtUp } = reader.start()
      collections.use()
      await caughtUp
    },
    async awaitTxId(given, timeoutMs) {
      reader.start()
      await Promise.all([given].flat().map((txid) => txids.wait(txid, timeoutMs)))
    },
    close() {
      if (reader.closed) return
      const reason = new StreamError('closed', `The StreamDB on ${stream.url} was closed`)
      reader.close(reason)
      txids.close(reason)
      void standing.keeper?.close()
    },
  }
}
