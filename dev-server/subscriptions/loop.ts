import type { SubscriptionOptions } from './context.ts'

/** After work that failed. */
const TRY_AGAIN_MS = 1_000

/** Work that is done again whenever there may be something to do, one round at a time. */
export interface Loop {
  /** There may be something to do. A ring during a round has another one follow. */
  ring(): void
  /** Does no more; resolves when the round under way is over. */
  close(): Promise<void>
}

/**
 * @param work one round; it gives when to come again at the latest, in milliseconds since 1970. What
 *   it throws is told to `onError`, and it is tried again after a second.
 */
export function createLoop(
  { now, timers, onError }: Pick<SubscriptionOptions, 'now' | 'timers' | 'onError'>,
  work: () => Promise<number | undefined>,
): Loop {
  let rung = false
  let closed = false
  let running: Promise<void> | undefined
  let timer: unknown

  return {
    ring,
    async close() {
      closed = true
      timers.clear(timer)
      await running
    },
  }

  function ring(): void {
    rung = true
    if (!closed) running ??= run()
  }

  async function run(): Promise<void> {
    let again: number | undefined
    try {
      while (rung && !closed) {
        rung = false
        again = await work()
      }
    } catch (error) {
      onError(error)
      again = now() + TRY_AGAIN_MS
    }
    running = undefined
    timers.clear(timer)
    if (!closed && again !== undefined) timer = timers.set(ring, Math.max(1, again - now()))
  }
}
