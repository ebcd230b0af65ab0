/** Says when the next request is made: not before it is wanted, nor before it is allowed. */
export interface HubSchedule {
  wantIn(ms: number): void
  /** Not before it is said again: who opens streams one by one must get an answer in between. */
  allowIn(ms: number): void
  stop(): void
}

export function createSchedule(ask: () => void): HubSchedule {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wantedAt = Infinity
  let allowedAt = 0
  let isOver = false

  const arm = (): void => {
    clearTimeout(timer)
    const at = Math.max(wantedAt, allowedAt)
    if (at < Infinity && !isOver) timer = setTimeout(fire, at - performance.now())
  }
  const fire = (): void => {
    wantedAt = Infinity
    ask()
  }

  return {
    wantIn(ms) {
      wantedAt = Math.min(wantedAt, performance.now() + ms)
      arm()
    },
    allowIn(ms) {
      allowedAt = performance.now() + ms
      arm()
    },
    stop() {
      isOver = true
      arm()
    },
  }
}
