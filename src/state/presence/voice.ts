import type { World } from './world.ts'

/** A page answers at most so often, and all of a room together about once in so many milliseconds. */
const ANSWER_GAP_MS = 250
const ANSWER_SHARE_MS = 20

/** On top of these an answer is so long under way. */
const ANSWER_TRIP_MS = 1000

/** Says how we are when that is due, one request at a time; what comes up meanwhile is one more. */
export interface Voice {
  /** Speaks in so many milliseconds, unless it does so before. */
  within: (ms: number, asks?: boolean) => void
  /** Speaks soon, since one of `crowd` asks. Whatever is said is an answer to all who asked before. */
  answer: (crowd: number) => void
  /**
   * Speaks soon, since one of `crowd` was not known, and may not know us: its stream may have been lost
   * while it was away. Unless that is an answer to what we asked.
   */
  greet: (crowd: number) => void
  /** How long ago it began to speak; for ever, if that failed. */
  silentMs: () => number
}

/**
 * @param say one request; `true` asks who is here. Resolves to whether it is done, or must be said again.
 * @param longestMs no answer takes longer than this.
 */
export function createVoice(
  world: Pick<World, 'now' | 'after' | 'random' | 'isHidden'>,
  say: (asks: boolean) => Promise<boolean>,
  longestMs: number,
  signal: AbortSignal,
): Voice {
  let dueMs = Infinity
  let callOff = (): void => {}
  let spokeMs = -Infinity
  let askedMs = -Infinity
  let isAsking = false
  let isSpeaking = false

  async function speak(): Promise<void> {
    const asks = isAsking
    dueMs = Infinity
    isAsking = false
    isSpeaking = true
    spokeMs = world.now()
    if (asks) askedMs = spokeMs
    if (!(await say(asks))) {
      spokeMs = -Infinity
      isAsking ||= asks
    }
    isSpeaking = false
    if (dueMs < Infinity) arm()
  }

  /** What is due is said at once: the timers of a hidden page may come a minute late. */
  function arm(): void {
    callOff()
    const ms = dueMs - world.now()
    if (signal.aborted) return
    if (ms > 0) callOff = world.after(ms, () => void speak())
    else void speak()
  }

  function within(ms: number, asks = false): void {
    isAsking ||= asks
    const atMs = world.now() + ms
    if (atMs >= dueMs) return
    dueMs = atMs
    if (!isSpeaking) arm()
  }

  const silentMs = (): number => world.now() - spokeMs

  const shareMs = (crowd: number): number => Math.min(longestMs, crowd * ANSWER_SHARE_MS)

  function answer(crowd: number): void {
    const restMs = Math.max(ANSWER_GAP_MS, shareMs(crowd)) - silentMs()
    const jitterMs = world.isHidden() ? 0 : world.random() * shareMs(crowd)
    within(Math.max(0, restMs) + jitterMs)
  }

  signal.addEventListener('abort', () => callOff())
  return {
    silentMs,
    within,
    answer,
    greet(crowd) {
      const answersMs = ANSWER_GAP_MS + 2 * shareMs(crowd) + ANSWER_TRIP_MS
      if (world.now() - askedMs > answersMs) answer(crowd)
    },
  }
}
