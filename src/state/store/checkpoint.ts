import { onPageEvents } from '../../core/delay.ts'
import { asStreamError } from '../../core/errors.ts'
import { BEGINNING } from '../../core/protocol.ts'
import type { Journal, Persistence, Release } from '../persistence/persistence.ts'
import { formatRecord, parseRecord } from './checkpoint-record.ts'
import { INITIAL_VERSION } from './confirmed.ts'
import type { Keeper, Keeping, KeptStore } from './keeper.ts'

export interface CheckpointOptions {
  /**
   * Names what the reducer makes of events. Change it with the reducer, or with the shape of its
   * state: what was kept under another one is not used, and the stream is read anew.
   */
  reducerVersion: string | number
  /** Between two writes there is so much time, in milliseconds. Default 1,000. */
  everyMs?: number | undefined
}

/**
 * Keeps a store's confirmed state, and the offset that it belongs to: the next visit shows it before
 * the network answers, and reads only what came after. One tab at a time writes it. A state that
 * JSON cannot hold exactly is told `onError` (`invalid`), and not kept.
 *
 * What is kept is shown to whoever opens the page in this browser: give each user a database of
 * their own, `indexedDBPersistence({ databaseName: user.id })`.
 *
 * @example
 * checkpoint(indexedDBPersistence(), { reducerVersion: 1 })
 */
export function checkpoint(persistence: Persistence, options: CheckpointOptions): Keeper {
  const { reducerVersion, everyMs = 1000 } = options

  return async (store, signal) => {
    const name = `checkpoint:${store.openStream().url}`
    const format = JSON.stringify([store.kind, reducerVersion, store.initialSnapshot.state])
    const onError = (cause: unknown): void => {
      if (!signal.aborted) store.onError(asStreamError(cause, 'Keeping a checkpoint'))
    }
    try {
      const journal = await persistence.open(name)
      const [text] = await journal.read()
      signal.throwIfAborted()
      const kept = parseRecord<never>(text, format)
      // One who comes back to a store that is in memory finds what is newer.
      if (kept && store.look().offset === BEGINNING) {
        store.put({ confirmed: kept, offset: kept.offset })
      }
      const writing = writeWhenChanged({ store, journal, format, everyMs, signal, onError })
      persistence.lock(name, { wait: true, signal }).then(writing.begin, onError)
      return writing
    } catch (cause) {
      onError(cause)
      return undefined
    }
  }
}

interface Writing<State, Action> {
  store: KeptStore<State, Action>
  journal: Journal
  format: string
  everyMs: number
  signal: AbortSignal
  onError: (cause: unknown) => void
}

function writeWhenChanged<State, Action>({
  store,
  journal,
  format,
  everyMs,
  signal,
  onError,
}: Writing<State, Action>): Keeping<State, Action> & { begin: (release?: Release) => void } {
  /** Until this tab has it, another one writes. */
  let release: Release | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let keptOffset: string | undefined
  let last = Promise.resolve()
  let isRefused = false

  function replace(records: readonly string[]): void {
    last = last.then(() => journal.replace(records)).catch(onError)
  }

  function save(): void {
    clearTimeout(timer)
    timer = undefined
    const { confirmed, offset, isCaughtUp } = store.look()
    if (!release || !isCaughtUp || isRefused || offset === keptOffset) return
    keptOffset = offset
    try {
      replace([formatRecord({ ...confirmed, offset }, format)])
    } catch (cause) {
      isRefused = true
      replace([])
      onError(cause)
    }
  }

  function changed(): void {
    if (!release || isRefused) return
    const { confirmed, isCaughtUp } = store.look()
    if (isCaughtUp) timer ??= setTimeout(save, everyMs)
    else if (confirmed.version === INITIAL_VERSION && keptOffset !== BEGINNING) {
      // The server lost the stream.
      keptOffset = BEGINNING
      replace([])
    }
  }

  async function close(): Promise<void> {
    save()
    await last
    await journal.close()
    release?.()
  }

  onPageEvents(['pagehide'], save, signal)
  signal.addEventListener('abort', () => void close().catch(onError))
  return {
    changed,
    begin(granted) {
      release = granted
      if (signal.aborted) granted?.()
      else changed()
    },
  }
}
