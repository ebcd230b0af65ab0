/** Runs one job at a time, in the order they came; one that fails stops no other. */
export interface Turns {
  /** Starts `job` at once when nothing is under way: a page that is closed has no later. */
  run: <Result>(job: () => Promise<Result>) => Promise<Result>
  /** Resolves when all that came before is through. */
  idle: () => Promise<void>
}

export function createTurns(): Turns {
  let last: Promise<unknown> | undefined

  return {
    run(job) {
      const running = last ? last.then(job) : job()
      const settled = running.then(
        () => {},
        () => {},
      )
      const mine = settled.then(() => {
        if (last === mine) last = undefined
      })
      last = mine
      return running
    },
    async idle() {
      await last
    },
  }
}
