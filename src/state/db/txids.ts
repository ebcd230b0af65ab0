import { StreamError } from '../../core/errors.ts'

/** Txids remembered after they were seen, for those who ask late. */
const REMEMBERED = 10_000
/** How long one waits who gave no time, in milliseconds of a page that could have seen it. */
const PATIENCE_MS = 5_000
const TICK_MS = 250
/** A longer timer fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

interface Waiter {
  txid: string
  settle: (error: StreamError | undefined) => void
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
  const waiters = new Set<Waiter>()
  const staged = new Map<string, StreamError | undefined>()
  let life = 0
  let closed: StreamError | undefined
  let stopTicking: (() => void) | undefined

  function reject(errorOf: (waiter: Waiter) => StreamError | false | undefined): void {
    for (const waiter of waiters) {
      const error = errorOf(waiter)
      if (error) waiter.settle(error)
    }
  }

  const timedOut = (txid: string, ms: number): StreamError =>
    new StreamError(
      'timeout',
      `txid "${txid}" was not seen within ${ms} ms; the database is ${describe()}. ` +
        'Does an event carry it in headers.txid? Or give a longer timeout',
    )

  function tick(): void {
    if (['connecting', 'offline'].includes(describe()) || !attention.isVisible()) return
    reject((waiter) => waiter.ticks-- <= 0 && timedOut(waiter.txid, PATIENCE_MS))
  }

  /** Settles once it is seen, or the time is up. */
  function watch(
    txid: string,
    timeoutMs: number | undefined,
    onSettled: (error: StreamError | undefined) => void,
  ): void {
    let timer: ReturnType<typeof setTimeout> | undefined
    const waiter: Waiter = {
      txid,
      life,
      ticks: timeoutMs === undefined ? PATIENCE_MS / TICK_MS : Infinity,
      settle(error) {
        clearTimeout(timer)
        waiters.delete(waiter)
        if (waiters.size === 0) stopTicking = stopTicking?.() as undefined
        onSettled(error)
      },
    }
    waiters.add(waiter)
    if (timeoutMs === undefined) stopTicking ??= attention.every(TICK_MS, tick)
    else if (timeoutMs < Infinity) {
      const ms = Math.min(timeoutMs, MAX_TIMER_MS)
      timer = setTimeout(() => waiter.settle(timedOut(txid, timeoutMs)), ms)
    }
  }

  return {
    staged,
    wait: (txid, timeoutMs) =>
      new Promise((resolve, fail) => {
        const settle = (error: StreamError | undefined): void => (error ? fail(error) : resolve())
        if (closed || outcomes.has(txid)) settle(closed ?? outcomes.get(txid))
        else watch(txid, timeoutMs, settle)
      }),
    stage(txid, error) {
      staged.set(txid, staged.get(txid) ?? error)
    },
    commit() {
      for (const waiter of waiters) {
        if (staged.has(waiter.txid))
          waiter.settle(outcomes.get(waiter.txid) ?? staged.get(waiter.txid))
      }
      for (const [txid, error] of staged) {
        const outcome = outcomes.get(txid) ?? error
        outcomes.delete(txid)
        outcomes.set(txid, outcome)
        if (outcomes.size > REMEMBERED) outcomes.delete(outcomes.keys().next().value!)
      }
      staged.clear()
    },
    restarted() {
      life++
      staged.clear()
      outcomes.clear()
    },
    caughtUp: () => reject((waiter) => waiter.life < life && LOST),
    close(error) {
      closed = error
      reject(() => error)
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
