import { StreamError } from '../../core/errors.ts'

/** Txids remembered after they were seen, for those who ask late. */
const REMEMBERED = 10_000

interface Waiter {
  resolve: () => void
  reject: (error: StreamError) => void
  /** Which life of the stream its write went to. */
  life: number
}

/** Who waits for which txid, and which were seen. */
export interface TxIds {
  /**
   * Resolves when `txid` has been seen in the stream, at once if it was before.
   *
   * @throws {StreamError} `timeout` after `timeoutMs`; `invalid` when readers skip one of its events;
   *   the error given to `close`.
   */
  wait: (txid: string, timeoutMs?: number) => Promise<void>
  /** It came in; `error` says why one of its events is skipped. Told to nobody before `commit`. */
  stage: (txid: string, error?: StreamError) => void
  /** What came in shows now. */
  commit: () => void
  /** The server lost the stream: what is now read is another life of it. */
  restarted: () => void
  /** All that the server has was read: what was written to an earlier life will never come. */
  caughtUp: () => void
  close: (error: StreamError) => void
}

/** @param describe says for a message what the database is doing. */
export function createTxIds(describe: () => string): TxIds {
  const outcomes = new Map<string, StreamError | undefined>()
  const waiters = new Map<string, Set<Waiter>>()
  const staged = new Map<string, StreamError | undefined>()
  let life = 0
  let closed: StreamError | undefined

  function remember(txid: string, error: StreamError | undefined): StreamError | undefined {
    const outcome = outcomes.get(txid) ?? error
    outcomes.delete(txid)
    outcomes.set(txid, outcome)
    if (outcomes.size > REMEMBERED) outcomes.delete(outcomes.keys().next().value!)
    return outcome
  }

  function tell(txid: string, error: StreamError | undefined): void {
    for (const { resolve, reject } of waiters.get(txid) ?? []) {
      if (error) reject(error)
      else resolve()
    }
  }

  function rejectWhere(isLost: (waiter: Waiter) => boolean, error: StreamError): void {
    for (const waiting of waiters.values()) {
      for (const waiter of waiting) if (isLost(waiter)) waiter.reject(error)
    }
  }

  return {
    async wait(txid, timeoutMs) {
      if (closed) throw closed
      if (outcomes.has(txid)) return settle(outcomes.get(txid))
      const waiting = waiters.get(txid) ?? new Set()
      waiters.set(txid, waiting)
      let timer: ReturnType<typeof setTimeout> | undefined
      let waiter: Waiter | undefined
      try {
        await new Promise<void>((resolve, reject) => {
          waiter = { resolve, reject, life }
          waiting.add(waiter)
          if (timeoutMs === undefined) return
          timer = setTimeout(() => reject(timedOut(txid, timeoutMs, describe())), timeoutMs)
        })
      } finally {
        clearTimeout(timer)
        if (waiter) waiting.delete(waiter)
        if (waiting.size === 0) waiters.delete(txid)
      }
    },
    stage(txid, error) {
      staged.set(txid, staged.get(txid) ?? error)
    },
    commit() {
      for (const [txid, error] of staged) tell(txid, remember(txid, error))
      staged.clear()
    },
    restarted() {
      life++
      staged.clear()
      outcomes.clear()
    },
    caughtUp() {
      rejectWhere((waiter) => waiter.life < life, LOST)
    },
    close(error) {
      closed = error
      rejectWhere(() => true, error)
    },
  }
}

const LOST = new StreamError(
  'gone',
  'The server lost the stream, and this write with it: write again',
)

function settle(error: StreamError | undefined): void {
  if (error) throw error
}

function timedOut(txid: string, timeoutMs: number, status: string): StreamError {
  return new StreamError(
    'timeout',
    `txid "${txid}" was not seen within ${timeoutMs} ms; the database is ${status}. ` +
      'Was an event with headers.txid appended to this stream? Or give a longer timeout',
  )
}
