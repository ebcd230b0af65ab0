import { StreamError } from '../../core/errors.ts'

/** Txids remembered after they were seen, for those who ask late. */
const REMEMBERED = 10_000
/** How long one waits who gave no time, in milliseconds of a page that could have seen it. */
const PATIENCE_MS = 5_000
const TICK_MS = 250
/** A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

interface Waiter {
  resolve: () => void
  reject: (error: StreamError) => void
  /** Which life of the stream its write went to. */
  life: number
  /** Ticks left, for who gave no time. */
  ticks: number
}

/** Who waits for which txid, and which were seen. */
export interface TxIds {
  /**
   * Resolves when `txid` has been seen in the stream, at once if it was before.
   *
   * @param timeoutMs default 5,000, of which only time counts in which the page is visible and the
   *   connection is there. A time that is given counts always.
   * @throws {StreamError} `timeout`; `invalid` or `conflict` when readers skip one of its events; the
   *   error given to `close`.
   */
  wait: (txid: string, timeoutMs?: number) => Promise<void>
  /** What came in and is not shown yet, with the reason why one of its events is skipped. */
  readonly staged: ReadonlyMap<string, StreamError | undefined>
  /** It came in. Told to nobody before `commit`. */
  stage: (txid: string, error?: StreamError) => void
  /** What came in shows now. */
  commit: () => void
  /** The server lost the stream: what is now read is another life of it. */
  restarted: () => void
  /** All that the server has was read: what was written to an earlier life will never come. */
  caughtUp: () => void
  close: (error: StreamError) => void
}

export interface Attention {
  isVisible: () => boolean
  /** Calls `tick` again and again. @returns what ends it. */
  every: (ms: number, tick: () => void) => () => void
}

/** @param describe says in a word what the database is doing: the kind of its status. */
export function createTxIds(describe: () => string, attention: Attention = OF_THE_PAGE): TxIds {
  const outcomes = new Map<string, StreamError | undefined>()
  const waiters = new Map<string, Set<Waiter>>()
  const staged = new Map<string, StreamError | undefined>()
  let life = 0
  let closed: StreamError | undefined
  let stopTicking: (() => void) | undefined

  function remember(txid: string, error: StreamError | undefined): StreamError | undefined {
    const outcome = outcomes.get(txid) ?? error
    outcomes.delete(txid)
    outcomes.set(txid, outcome)
    if (outcomes.size > REMEMBERED) outcomes.delete(outcomes.keys().next().value!)
    return outcome
  }

  function rejectWhere(
    isLost: (waiter: Waiter) => boolean,
    errorOf: (txid: string) => StreamError,
  ): void {
    for (const [txid, waiting] of waiters) {
      for (const waiter of waiting) if (isLost(waiter)) waiter.reject(errorOf(txid))
    }
  }

  function tick(): void {
    if (['connecting', 'offline'].includes(describe()) || !attention.isVisible()) return
    rejectWhere(
      (waiter) => waiter.ticks-- <= 0,
      (txid) => timedOut(txid, PATIENCE_MS),
    )
  }

  function timedOut(txid: string, ms: number): StreamError {
    return new StreamError(
      'timeout',
      `txid "${txid}" was not seen within ${ms} ms; the database is ${describe()}. ` +
        'Was an event with headers.txid appended to this stream? Or give a longer timeout',
    )
  }

  return {
    staged,
    async wait(txid, timeoutMs) {
      if (closed) throw closed
      if (outcomes.has(txid)) {
        const error = outcomes.get(txid)
        if (error) throw error
        return
      }
      const waiting = waiters.get(txid) ?? new Set()
      waiters.set(txid, waiting)
      let timer: ReturnType<typeof setTimeout> | undefined
      let waiter: Waiter | undefined
      try {
        await new Promise<void>((resolve, reject) => {
          const ticks = timeoutMs === undefined ? PATIENCE_MS / TICK_MS : Infinity
          waiter = { resolve, reject, life, ticks }
          waiting.add(waiter)
          if (timeoutMs === undefined) stopTicking ??= attention.every(TICK_MS, tick)
          else if (timeoutMs < Infinity) {
            timer = setTimeout(
              () => reject(timedOut(txid, timeoutMs)),
              Math.min(timeoutMs, MAX_TIMER_MS),
            )
          }
        })
      } finally {
        clearTimeout(timer)
        waiting.delete(waiter!)
        if (waiting.size === 0) waiters.delete(txid)
        if (waiters.size === 0) {
          stopTicking?.()
          stopTicking = undefined
        }
      }
    },
    stage(txid, error) {
      staged.set(txid, staged.get(txid) ?? error)
    },
    commit() {
      for (const [txid, error] of staged) {
        const outcome = remember(txid, error)
        for (const { resolve, reject } of waiters.get(txid) ?? []) {
          if (outcome) reject(outcome)
          else resolve()
        }
      }
      staged.clear()
    },
    restarted() {
      life++
      staged.clear()
      outcomes.clear()
    },
    caughtUp() {
      rejectWhere(
        (waiter) => waiter.life < life,
        () => LOST,
      )
    },
    close(error) {
      closed = error
      rejectWhere(
        () => true,
        () => error,
      )
    },
  }
}

const LOST = new StreamError(
  'gone',
  'The server lost the stream, and this write with it: write again',
)

const OF_THE_PAGE: Attention = {
  isVisible: () =>
    (globalThis as { document?: { visibilityState?: string } }).document?.visibilityState !==
    'hidden',
  every(ms, tick) {
    const timer = setInterval(tick, ms)
    return () => clearInterval(timer)
  },
}
