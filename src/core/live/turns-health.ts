/** Failures of SSE in a row after which it counts as held back, as readers themselves count. */
const MAX_FAILURES = 3

/** For so long it is not tried again while streams wait, in milliseconds. */
const NO_SSE_MS = 300_000

/** What has been learned of a host. */
export interface Health {
  hasSse(): boolean
  sawSse(works: boolean): void
  /** Whether it knows long-poll. */
  hasPoll: boolean
  /** How long answers take that wait for nothing, in milliseconds; rather too long than too short. */
  answerMs: number
  sawAnswer(tookMs: number): void
}

export function createHealth(): Health {
  let failures = 0
  let noSseUntil = 0

  const health: Health = {
    hasSse: () => Date.now() >= noSseUntil,
    sawSse(works) {
      failures = works ? 0 : failures + 1
      noSseUntil = failures < MAX_FAILURES ? 0 : Date.now() + NO_SSE_MS
    },
    hasPoll: true,
    answerMs: 0,
    sawAnswer(tookMs) {
      // Up at once, down slowly.
      health.answerMs = Math.max(tookMs, health.answerMs * 0.75)
    },
  }
  return health
}
