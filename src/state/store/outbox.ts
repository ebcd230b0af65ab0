import { asStreamError } from '../../core/errors.ts'
import { randomId } from '../../core/random-id.ts'
import type { Persistence } from '../persistence/persistence.ts'
import type { Keeper } from './keeper.ts'
import { createLedger } from './outbox-ledger.ts'
import { createOrphanage } from './orphanage.ts'
import { createSender } from './outbox-sender.ts'
import { type KeptWrite, parseWrites } from './outbox-record.ts'

export interface OutboxOptions {
  /** How often writes of tabs that have died are looked for, in milliseconds. Default 30,000. */
  lookEveryMs?: number | undefined
}

/**
 * Keeps a store's pending writes until they are seen in the stream: after a reload or a crash, with
 * the network or without, they are shown at once, and sent in order. Each is stored exactly once: a
 * request is kept before it is sent, under the number by which the server knows it when it comes
 * again. Protocol section 4.
 *
 * Each tab has its own; the writes of one that is gone are taken over by the next one that opens, or
 * that is open. Of an `update` its result is kept, and the version that it was computed from: if
 * another write came first, it is listed in `failures` (`conflict`), since its function went with
 * the page; `retry` makes the same value then.
 *
 * Whoever opens the page in this browser sends what is kept: give each user a database of their own,
 * `indexedDBPersistence({ databaseName: user.id })`.
 *
 * @example
 * outbox(indexedDBPersistence())
 */
export function outbox(persistence: Persistence, options: OutboxOptions = {}): Keeper {
  const { lookEveryMs = 30_000 } = options

  return async (store, signal) => {
    const prefix = `outbox:${encodeURIComponent(store.openStream().url)}:`
    const name = prefix + randomId()
    const onError = (cause: unknown): void => {
      if (!signal.aborted) store.onError(asStreamError(cause, 'Keeping writes'))
    }
    const eachLeft = (take: (writes: KeptWrite<never>[]) => Promise<boolean>): Promise<void> =>
      takeWhatIsLeft(persistence, { prefix, name, signal, take }).catch(onError)
    try {
      const release = await persistence.lock(name, { wait: true, signal })
      const ledger = createLedger(store, await persistence.open(name), onError)
      signal.throwIfAborted()
      const orphans = createOrphanage(store, ledger, signal)
      const timer = setInterval(() => void eachLeft(orphans.takeLive), lookEveryMs)
      signal.addEventListener('abort', () => {
        clearInterval(timer)
        ledger.close().then(release, onError)
      })
      // Those made while this was opened.
      void ledger.save()
      if (store.look().isCaughtUp) void eachLeft(orphans.takeLive)
      else await eachLeft(orphans.take)
      const send = createSender(store, ledger)
      // And those made since: nobody has told of them.
      void ledger.save()
      return {
        changed: () => void ledger.save(),
        beforeRead: orphans.dropStored,
        async send(writes) {
          const refused = await send(writes)
          orphans.refused(refused.keys())
          return refused
        },
      }
    } catch (cause) {
      onError(cause)
      return undefined
    }
  }
}

interface Search {
  prefix: string
  /** One's own, which is not left. */
  name: string
  signal: AbortSignal
  /** @returns whether they are kept elsewhere now. */
  take: (writes: KeptWrite<never>[]) => Promise<boolean>
}

/** Takes over the journals of tabs that are gone. Of those that are not, nobody gets the lock. */
async function takeWhatIsLeft(persistence: Persistence, search: Search): Promise<void> {
  for (const name of await persistence.list(search.prefix)) {
    if (name === search.name) continue
    const release = await persistence.lock(name, { wait: false, signal: search.signal })
    if (!release) continue
    try {
      const journal = await persistence.open(name)
      const writes = parseWrites<never>(await journal.read())
      const isTaken = await search.take(writes.map((write) => ({ by: name, ...write })))
      if (isTaken) await journal.replace([])
      await journal.close()
    } finally {
      release()
    }
  }
}
